package io.nextbestoffer.benchmark.streams;

record Activity(long activityId, long customerId, String activityType, double propensityToBuy) {
}
