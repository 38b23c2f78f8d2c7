package io.nextbestoffer.faults;

import java.time.Duration;

/**
 * How long it takes from the end of a trouble until offers made after it are committed: the first, and the first in
 * every partition (offers go to partitions as the activities do, so these show that all are processed again).
 */
final class RecoveryTime {

    private final long since;
    private final long[] firstOf;

    /** @param since when the trouble ended, in milliseconds of the Unix epoch */
    RecoveryTime(long since, int partitions) {
        this.since = since;
        firstOf = new long[partitions];
    }

    synchronized void offer(int partition, long made) {
        if (made >= since && firstOf[partition] == 0) {
            firstOf[partition] = Math.max(1, System.currentTimeMillis() - since);
        }
    }

    /** Null if there was none yet. */
    synchronized Duration first() {
        long least = Long.MAX_VALUE;
        for (long one : firstOf) {
            least = one == 0 ? least : Math.min(least, one);
        }
        return least == Long.MAX_VALUE ? null : Duration.ofMillis(least);
    }

    /** Null if some partition had none yet. */
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
