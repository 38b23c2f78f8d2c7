package io.nextbestoffer.job;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonValue;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** State of a job; {@link JobTransition} lists the allowed transitions. */
@RegisterForReflection
public enum JobState {

    /** Waits for a replica with a free slot. */
    QUEUED, RUNNING,
    /** Waits to be resumed. */
    PAUSED, DONE, CANCELLED, FAILED,
    /** Its replica has gone, and no other can run it. */
    LOST;

    static final Set<JobState> ACTIVE = EnumSet.of(QUEUED, RUNNING, PAUSED);

    public boolean isActive() {
        return ACTIVE.contains(this);
    }

    static JobState of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** The form in Postgres and in JSON. */
    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
