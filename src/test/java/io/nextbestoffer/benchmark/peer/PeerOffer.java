package io.nextbestoffer.benchmark.peer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** An offer record, with the fields of the service's offers. */
public record PeerOffer(long activityId, long customerId, int offerId, String offerName, String offerUrl,
        double propensityToBuy,
        String activityType, int income, int fico, UUID decisionId, String strategy, int strategyVersion, String rule,
        Instant activityTime, Instant decidedAt) {

    /**
     * Decides an activity now.
     *
     * @param position of the activity's record, from which the decision id is derived: {@code topic/partition/offset}
     * @param timestamp of the activity's record
     */
    public static PeerOffer decide(PeerActivity activity, PeerCustomer customer, String position, long timestamp) {
        PeerProduct product = PeerProduct.bestFor(activity, customer);
        return new PeerOffer(activity.activityId(), activity.customerId(), product.id, product.offerName, product.url,
                activity.propensityToBuy(), activity.activityType(), customer.income(), customer.fico(),
                UUID.nameUUIDFromBytes(position.getBytes(StandardCharsets.UTF_8)), "banking", 1, product.rule,
                Instant.ofEpochMilli(timestamp), Instant.now().truncatedTo(ChronoUnit.MILLIS));
    }
}
