package io.nextbestoffer.faults;

import java.time.Duration;

/**
 * Duration and number of the faults: short by default, long with {@code -Pfaults}.
 *
 * @param perSecond activities per second
 * @param lateness maximum time between a customer's first activity and their row in the bank
 * @param calm time without faults before and after each fault
 * @param kills number of kills of the service, one after another
 * @param life maximum time from the readiness of a process, in a few cases from its start, until it is killed
 * @param outage time for which a dependency is down
 * @param commitFailure time for which every commit fails, for each way of failing
 * @param parkingTimeout how long an activity may be parked; longer than a customer of the bank can remain unknown to
 *            the service
 */
record FaultScale(String name, int perSecond, Duration lateness, Duration calm, int kills, Duration life,
        Duration outage,
        Duration commitFailure, Duration parkingTimeout) {

    private static final FaultScale SHORT = new FaultScale("short", 300, Duration.ofSeconds(4), Duration.ofSeconds(2),
            3,
            Duration.ofSeconds(5), Duration.ofSeconds(6), Duration.ofSeconds(11),
            Duration.ofSeconds(60));
    private static final FaultScale LONG = new FaultScale("long", 1_000, Duration.ofSeconds(30), Duration.ofSeconds(10),
            20,
            Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(15),
            Duration.ofSeconds(180));

    static FaultScale chosen() {
        return switch (System.getProperty("faults.scale", "short")) {
            case "short" -> SHORT;
            case "long" -> LONG;
            default -> throw new IllegalArgumentException("faults.scale must be short or long");
        };
    }

    /** Time for which Postgres is down while activities are decided: longer than replicas take to notice it. */
    Duration outageOfPostgres() {
        return isLong() ? outage : Duration.ofSeconds(10);
    }

    boolean isLong() {
        return this == LONG;
    }
}
