package io.nextbestoffer.benchmark.peer;

/** An activity, with the fields that the rules and the offer need. */
public record PeerActivity(long activityId, long customerId, String activityType, double propensityToBuy) {
}
