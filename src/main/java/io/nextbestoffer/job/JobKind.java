package io.nextbestoffer.job;

import java.time.Duration;

/** A kind of long-running work. Features implement it as a bean; {@link JobRunner} finds all of them. */
public interface JobKind {

    /** The name of the kind. It is stored with each job, so it must not change. */
    String name();

    /** Whether at most one job of this kind is active, over all replicas. */
    boolean isExclusive();

    /** Maximum number of jobs that this replica runs at a time, each on a thread of its own. */
    int parallel();

    /** Maximum number of jobs that are queued or paused, over all replicas; further ones are rejected. */
    int queue();

    /** How long jobs are kept after their creation, except queued and running ones. */
    Duration retention();

    /** Whether this replica can run jobs of this kind now. */
    default boolean isReady() {
        return true;
    }

    /**
     * Creates the task of a job from its parameters and its checkpoint. Blocks.
     *
     * @throws JobRefusedException if it can't be run
     */
    JobTask task(Job job);
}
