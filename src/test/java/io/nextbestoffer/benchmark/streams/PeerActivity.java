package io.nextbestoffer.benchmark.streams;

record PeerActivity(long activityId, long customerId, String activityType, double propensityToBuy) {
}
