package io.nextbestoffer.simulation;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Tells how many decisions there are from how many of them took how much of the time: to count them would take Postgres
 * as long as to read them. Not thread-safe.
 */
final class TotalEstimator {

    private final Instant until;
    private @Nullable Instant first;
    private Instant last = Instant.MIN;
    private long read;

    TotalEstimator(Instant until) {
        this.until = until;
    }

    /** @param decidedAt not before the one before */
    void read(Instant decidedAt) {
        if (first == null) {
            first = decidedAt;
        }
        last = decidedAt;
        read++;
    }

    /** @return null before two of different times are read */
    @Nullable
    Long total() {
        if (first == null || !last.isAfter(first)) {
            return null;
        }
        return Math.max(read, Math.round((double) read * micros(until) / micros(last)));
    }

    private long micros(Instant time) {
        return Duration.between(first, time).toNanos() / 1_000;
    }
}
