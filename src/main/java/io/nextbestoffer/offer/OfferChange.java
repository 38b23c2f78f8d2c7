package io.nextbestoffer.offer;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.platform.security.Actor;

/**
 * A change of an offer.
 *
 * @param revision the revision of the catalog that the change created
 * @param previousRevision the revision of the change before; null if this is the first one
 * @param changedBy null if it was made by SQL or by a caller without a name
 * @param changedAt null if the change was made before changes were recorded
 * @param offer the offer after the change; null if it was deleted
 */
record OfferChange(Action action, long revision, @Nullable Long previousRevision, @Nullable Actor changedBy,
        @Nullable Instant changedAt, @Nullable Offer offer) {

    enum Action {
        CREATED, REPLACED, DELETED
    }
}
