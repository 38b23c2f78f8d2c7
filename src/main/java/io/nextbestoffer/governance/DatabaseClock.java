package io.nextbestoffer.governance;

import java.time.Instant;

/**
 * The clock of the database as a replica can tell it: never ahead, and behind by what the answer took on its way.
 *
 * @param read what it said
 * @param received when the answer was there, by {@link System#nanoTime}
 */
record DatabaseClock(Instant read, long received) {

    Instant at(long nanoTime) {
        return read.plusNanos(nanoTime - received);
    }
}
