package io.nextbestoffer.job;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Lets work that can wait take a twentieth of the time while there is other work that can't, and all of it else. */
public final class Pacing {

    /** Rests so many times as long as it worked. */
    private static final int REST = 19;

    private final BooleanSupplier othersWait;
    private final LongSupplier nanoTime;
    private volatile long begun;
    private volatile long ended;

    /** @param nanoTime as {@link System#nanoTime} */
    Pacing(BooleanSupplier othersWait, LongSupplier nanoTime) {
        this.othersWait = othersWait;
        this.nanoTime = nanoTime;
        begun = nanoTime.getAsLong();
        ended = begun;
    }

    public void begin() {
        begun = nanoTime.getAsLong();
    }

    public void end() {
        ended = nanoTime.getAsLong();
    }

    public boolean mayBegin() {
        return !othersWait.getAsBoolean() || nanoTime.getAsLong() - ended >= REST * (ended - begun);
    }
}
