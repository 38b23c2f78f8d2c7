package io.nextbestoffer.job;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

/** Whether activities wait for this replica: then whatever else wants its CPU and its Postgres should be modest. */
@ApplicationScoped
public class Backlog {

    /** Between two full batches there is a moment without one. */
    private static final Duration LATELY = Duration.ofSeconds(1);

    private final ActivityBacklog activities;
    private volatile long seen = System.nanoTime() - LATELY.toNanos();

    Backlog(ActivityBacklog activities) {
        this.activities = activities;
    }

    /** For one who can wait while it is there. */
    public Pacing pacing() {
        return new Pacing(this::isThere, System::nanoTime);
    }

    /** Whether more of them than a batch takes wait now, or did within the last second that somebody asked. */
    boolean isThere() {
        long now = System.nanoTime();
        if (activities.isBehind()) {
            seen = now;
        }
        return now - seen < LATELY.toNanos();
    }
}
