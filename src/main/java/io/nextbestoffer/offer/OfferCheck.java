package io.nextbestoffer.offer;

import java.util.function.BiConsumer;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Lets another feature reject a change of an offer before it is committed. */
public interface OfferCheck {

    /**
     * Checks an offer before it is stored.
     *
     * @param changed the offer as it would be stored
     * @param violation accepts the name of an invalid field, and what is wrong with it
     */
    void check(Offer changed, BiConsumer<String, String> violation);

    /**
     * Fails if {@link #check} may have used outdated data. Runs in the transaction that stores the offer, when no other
     * transaction can change offers.
     */
    default Uni<Void> confirm(SqlConnection transaction) {
        return Uni.createFrom().voidItem();
    }
}
