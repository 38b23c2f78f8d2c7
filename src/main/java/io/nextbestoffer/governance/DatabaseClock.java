package io.nextbestoffer.governance;

import java.time.Instant;

/**
 * Estimates the clock of the database on a replica: never ahead of it, and behind it by at most one round trip.
 *
 * @param time the time in the response
 * @param receivedAt when the response arrived, by {@link System#nanoTime}
 */
record DatabaseClock(Instant time, long receivedAt) {

    Instant at(long nanoTime) {
        return time.plusNanos(nanoTime - receivedAt);
    }
}
