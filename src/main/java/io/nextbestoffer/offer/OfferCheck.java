package io.nextbestoffer.offer;

import java.util.function.BiConsumer;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** What other features ask of an offer, so that a mistake is told to who changes it rather than found later. */
public interface OfferCheck {

    /**
     * @param changed as it would be stored
     * @param violation gets the field that is wrong, and what is wrong with it
     */
    void check(Offer changed, BiConsumer<String, String> violation);

    /** Within the transaction that has stored it: fails if what was looked at by {@link #check} may be out of date. */
    default Uni<Void> confirm(SqlConnection transaction) {
        return Uni.createFrom().voidItem();
    }
}
