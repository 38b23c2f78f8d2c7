package io.nextbestoffer.job;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;

/**
 * Progress of a job. Reporting it blocks while the job is paused, and slows down while activities are queued. The task
 * reports progress on its own thread; the runner reads it and controls the task on another thread.
 */
public final class JobProgress {

    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int RETRIES = 6;
    /** Timeout of one step, including its retries. */
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** An instruction of the runner to the task. */
    enum Signal {
        RUN, PAUSE, STOP
    }

    /** The progress that a heartbeat stores. @param checkpoint null to keep the stored one */
    record Report(long done, @Nullable Long total, @Nullable String checkpoint) {
    }

    private final UUID id;
    private final int attempt;
    private final @Nullable String startedBy;
    private final Pacing pacing;
    private volatile Report report;
    private volatile Signal signal = Signal.RUN;

    JobProgress(Job job, Pacing pacing) {
        id = job.id();
        attempt = job.attempt();
        startedBy = job.by();
        report = new Report(job.done(), job.total(), null);
        this.pacing = pacing;
        pacing.begin();
    }

    public UUID id() {
        return id;
    }

    /** Fencing token: increases each time a replica takes over the job. */
    public int attempt() {
        return attempt;
    }

    /** The name of the actor that started the job; null if unknown. */
    public @Nullable String startedBy() {
        return startedBy;
    }

    Report report() {
        return report;
    }

    Signal signal() {
        return signal;
    }

    void pause() {
        signal(Signal.PAUSE);
    }

    void resume() {
        signal(Signal.RUN);
    }

    void stop() {
        signal(Signal.STOP);
    }

    private synchronized void signal(Signal next) {
        if (signal != Signal.STOP) {
            signal = next;
        }
    }

    /** @throws JobStoppedException if the job must not go on */
    public void at(long done, @Nullable Long total) {
        at(done, total, report.checkpoint());
    }

    /**
     * @param checkpoint JSON, from which another attempt can continue; stored with the next heartbeat
     * @throws JobStoppedException if the job must not go on
     */
    public void at(long done, @Nullable Long total, @Nullable String checkpoint) {
        report = new Report(done, total, checkpoint);
        pacing.end();
        while (signal != Signal.RUN || !pacing.mayBegin()) {
            if (signal == Signal.STOP) {
                throw new JobStoppedException();
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        pacing.begin();
    }

    /** Runs a repeatable step and waits for its result. A failed step is retried for a while. */
    public <T> T await(Uni<T> step) {
        return step.onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).atMost(RETRIES).await().atMost(TIMEOUT);
    }
}
