package io.nextbestoffer.job;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.JobProgress.Report;
import io.nextbestoffer.job.JobProgress.Signal;

/**
 * A job that this replica holds in memory, because its thread runs or is paused, or because its task exists only here.
 */
final class HeldJob {

    private static final Report NOTHING_DONE = new Report(0, null, null);

    private final JobKind kind;
    private final @Nullable JobTask task;
    private volatile @Nullable JobProgress progress;

    /** @param task null if it is created from the job's parameters */
    HeldJob(JobKind kind, @Nullable JobTask task) {
        this.kind = kind;
        this.task = task;
    }

    JobKind kind() {
        return kind;
    }

    JobTask task(Job job) {
        return task == null ? kind.task(job) : task;
    }

    int attempt() {
        JobProgress started = progress;
        return started == null ? 0 : started.attempt();
    }

    Report report() {
        JobProgress started = progress;
        return started == null ? NOTHING_DONE : started.report();
    }

    boolean isStarted() {
        return progress != null;
    }

    /** Whether the job occupies a slot of its kind. A stopped job does until its thread ends. */
    boolean isBusy() {
        JobProgress started = progress;
        return started != null && started.signal() != Signal.PAUSE;
    }

    void start(JobProgress begun) {
        progress = begun;
    }

    /**
     * Resumes, pauses or stops the task, to match the state in Postgres.
     *
     * @param state null if this replica does not hold the job any more
     */
    void follow(@Nullable JobState state) {
        JobProgress started = progress;
        if (started == null) {
            return;
        }
        if (state == null) {
            started.stop();
        } else if (state == JobState.RUNNING) {
            started.resume();
        } else {
            started.pause();
        }
    }
}
