package io.nextbestoffer.job;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Throttles background work to a twentieth of the time while there is urgent work. */
public final class Pacing {

    /** A pause is this many times as long as the work before it. */
    private static final int PAUSE_RATIO = 19;

    private final BooleanSupplier isBusy;
    private final LongSupplier nanoTime;
    private volatile long begun;
    private volatile long ended;

    /**
     * @param isBusy whether there is urgent work
     * @param nanoTime like {@link System#nanoTime}
     */
    Pacing(BooleanSupplier isBusy, LongSupplier nanoTime) {
        this.isBusy = isBusy;
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
        return !isBusy.getAsBoolean() || nanoTime.getAsLong() - ended >= PAUSE_RATIO * (ended - begun);
    }
}
