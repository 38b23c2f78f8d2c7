package io.nextbestoffer.faults;

import java.time.Duration;

/**
 * How hard the faults are: short in the ordinary test run, long with {@code -Pfaults}.
 *
 * @param perSecond activities
 * @param lateness how much later than his first activity a customer may come to the bank
 * @param calm before and after the trouble
 * @param kills of the service, one after another
 * @param life of a process that will be killed, at most, mostly from when it is ready
 * @param outage of a dependency
 * @param commitFailure for how long every commit fails, of each kind
 * @param parkingTimeout longer than anything that may keep a customer who is in the bank from becoming known
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
            default -> throw new IllegalArgumentException("faults.scale is short or long");
        };
    }

    boolean isLong() {
        return this == LONG;
    }
}
