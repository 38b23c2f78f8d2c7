package io.nextbestoffer.job;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

/** Detects a backlog of activities at this replica, so that other work can leave the CPU and Postgres to them. */
@ApplicationScoped
public class Backlog {

    /**
     * How long a backlog counts after it was last seen: between two full batches, the queue is shorter for a moment.
     */
    private static final Duration HOLD_TIME = Duration.ofSeconds(1);

    private final ActivityBacklog activities;
    private volatile long lastBehind = System.nanoTime() - HOLD_TIME.toNanos();

    Backlog(ActivityBacklog activities) {
        this.activities = activities;
    }

    /** Returns a pacing for background work, which slows down while there is a backlog. */
    public Pacing pacing() {
        return new Pacing(this::exists, System::nanoTime);
    }

    /** Whether a full batch of activities is queued now, or was queued at a call within the last second. */
    public boolean exists() {
        long now = System.nanoTime();
        if (activities.isBehind()) {
            lastBehind = now;
        }
        return now - lastBehind < HOLD_TIME.toNanos();
    }
}
