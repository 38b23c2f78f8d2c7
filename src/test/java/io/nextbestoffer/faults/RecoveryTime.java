package io.nextbestoffer.faults;

import java.time.Duration;

/**
 * Time from the end of a fault to the commit of the first offer decided after it, overall and in every partition.
 * Offers are in the same partitions as their activities, so the latter time shows that all input partitions are
 * processed again.
 */
final class RecoveryTime {

    private final long since;
    private final long[] firstOf;

    /** @param since end of the fault, in milliseconds of the Unix epoch */
    RecoveryTime(long since, int partitions) {
        this.since = since;
        firstOf = new long[partitions];
    }

    synchronized void offer(int partition, long made) {
        if (made >= since && firstOf[partition] == 0) {
            firstOf[partition] = Math.max(1, System.currentTimeMillis() - since);
        }
    }

    /** Time to the first offer, or null if there is none yet. */
    synchronized Duration first() {
        long least = Long.MAX_VALUE;
        for (long one : firstOf) {
            least = one == 0 ? least : Math.min(least, one);
        }
        return least == Long.MAX_VALUE ? null : Duration.ofMillis(least);
    }

    /** Time until each partition had an offer, or null if one has none yet. */
    synchronized Duration everywhere() {
        long most = 0;
        for (long one : firstOf) {
            if (one == 0) {
                return null;
            }
            most = Math.max(most, one);
        }
        return Duration.ofMillis(most);
    }
}
