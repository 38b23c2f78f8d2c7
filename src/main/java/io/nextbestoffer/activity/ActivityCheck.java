package io.nextbestoffer.activity;

import java.util.function.BiConsumer;

/** What other features ask of an activity, so that a mistake is told to who posts it rather than found later. */
public interface ActivityCheck {

    /** @param violation gets the field that is wrong, and what is wrong with it */
    void check(Activity activity, BiConsumer<String, String> violation);
}
