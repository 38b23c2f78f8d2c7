package io.nextbestoffer.simulation;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Estimates the number of decisions in a period from the rate of those read so far. Counting them would take Postgres
 * as long as reading them. Not thread-safe.
 */
final class TotalEstimator {

    private final Instant until;
    private @Nullable Instant first;
    private Instant last = Instant.MIN;
    private long read;

    TotalEstimator(Instant until) {
        this.until = until;
    }

    /** @param decidedAt not before the previous one */
    void read(Instant decidedAt) {
        if (first == null) {
            first = decidedAt;
        }
        last = decidedAt;
        read++;
    }

    /** @return null until decisions of two different times are read */
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
