package io.nextbestoffer.offer;

import java.util.function.BiConsumer;

/** What other features ask of an offer, so that a mistake is told to who changes it rather than found later. */
public interface OfferCheck {

    /**
     * @param changed as it would be stored
     * @param violation gets the field that is wrong, and what is wrong with it
     */
    void check(Offer changed, BiConsumer<String, String> violation);
}
