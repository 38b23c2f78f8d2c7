package io.nextbestoffer.sandbox;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Pace of an open-loop load: each record has a time at which it is due, however long the records before it took.
 *
 * @param start time at which record 0 is due, in terms of {@link System#nanoTime()}
 * @param perSecond records per second
 */
public record LoadPace(long start, double perSecond) {

    public static LoadPace fromNow(double perSecond) {
        return new LoadPace(System.nanoTime(), perSecond);
    }

    /** Time at which a record is due, in terms of {@link System#nanoTime()}. */
    public long due(long index) {
        return start + (long) (index * TimeUnit.SECONDS.toNanos(1) / perSecond);
    }

    /** Blocks until a record is due; returns at once if that time has passed. */
    public void awaitDue(long index) {
        long due = due(index);
        for (long left; (left = due - System.nanoTime()) > 0;) {
            LockSupport.parkNanos(left);
        }
    }
}
