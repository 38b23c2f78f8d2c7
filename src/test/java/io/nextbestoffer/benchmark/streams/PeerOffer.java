package io.nextbestoffer.benchmark.streams;

import java.time.Instant;
import java.util.UUID;

/** An offer record, with the fields of the service's offers. */
record PeerOffer(long activityId, long customerId, int offerId, String offerName, String offerUrl,
        double propensityToBuy,
        String activityType, int income, int fico, UUID decisionId, String strategy, int strategyVersion, String rule,
        Instant activityTime, Instant decidedAt) {
}
