package io.nextbestoffer.job;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

/** Whether activities are queued at this replica: other work should then leave its CPU and its Postgres to them. */
@ApplicationScoped
public class Backlog {

    /** Between two full batches there is a moment without one. */
    private static final Duration MEMORY = Duration.ofSeconds(1);

    private final ActivityBacklog activities;
    private volatile long lastBehind = System.nanoTime() - MEMORY.toNanos();

    Backlog(ActivityBacklog activities) {
        this.activities = activities;
    }

    /** Returns a pacing for work that can wait while there is a backlog. */
    public Pacing pacing() {
        return new Pacing(this::exists, System::nanoTime);
    }

    /** Whether more activities than a batch takes are queued, or were when this was last called, up to a second ago. */
    boolean exists() {
        long now = System.nanoTime();
        if (activities.isBehind()) {
            lastBehind = now;
        }
        return now - lastBehind < MEMORY.toNanos();
    }
}
