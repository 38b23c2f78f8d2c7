package io.nextbestoffer.job;

import java.util.EnumSet;
import java.util.Set;

/** The allowed transitions between the states of a job. SQL statements change a state only by one of them. */
enum JobTransition {

    /** A replica runs the job; from {@code RUNNING} only if the previous replica has missed its heartbeats. */
    CLAIM(JobState.RUNNING, JobState.QUEUED, JobState.RUNNING), PAUSE(JobState.PAUSED, JobState.QUEUED,
            JobState.RUNNING), RESUME(JobState.QUEUED, JobState.PAUSED), CANCEL(JobState.CANCELLED, JobState.ACTIVE),
    /** A task can end just after its job was paused. */
    COMPLETE(JobState.DONE, JobState.ACTIVE), FAIL(JobState.FAILED, JobState.ACTIVE),
    /** Its replica stops, and another can run it. */
    RELEASE(JobState.QUEUED, JobState.RUNNING),
    /** Its replica stops or has gone, and no other can run it. */
    LOSE(JobState.LOST, JobState.ACTIVE);

    private final JobState to;
    private final Set<JobState> from;

    JobTransition(JobState to, JobState first, JobState... others) {
        this(to, EnumSet.of(first, others));
    }

    JobTransition(JobState to, Set<JobState> from) {
        this.to = to;
        this.from = from;
    }

    JobState to() {
        return to;
    }

    boolean isAllowedFrom(JobState state) {
        return from.contains(state);
    }

    /** The states as a parameter of the SQL condition {@code state = any(…)}. */
    String[] from() {
        return from.stream().map(JobState::text).toArray(String[]::new);
    }
}
