package io.nextbestoffer.trace;

import java.util.function.LongSupplier;

/** Lets work that can wait take a tenth of the time while there is other work that can't, and all of it else. */
final class Pacing {

    /** Rests nine times as long as it worked. */
    private static final int REST = 9;

    private final LongSupplier nanoTime;
    private volatile long begun;
    private volatile long ended;

    /** @param nanoTime as {@link System#nanoTime} */
    Pacing(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        begun = nanoTime.getAsLong();
        ended = begun;
    }

    void begin() {
        begun = nanoTime.getAsLong();
    }

    void end() {
        ended = nanoTime.getAsLong();
    }

    boolean mayBegin(boolean othersWait) {
        return !othersWait || nanoTime.getAsLong() - ended >= REST * (ended - begun);
    }
}
