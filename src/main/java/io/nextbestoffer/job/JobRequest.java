package io.nextbestoffer.job;

import org.jspecify.annotations.Nullable;

/**
 * A job to be started.
 *
 * @param subject what it works on, for example a strategy or a topic; null: nothing in particular
 * @param parameters JSON, without personal data
 * @param task null if any replica can create it from the parameters; otherwise it exists only in this replica's memory,
 *     and the job is lost with the replica
 */
public record JobRequest(JobKind kind, @Nullable String subject, String parameters, @Nullable JobTask task) {

    /** Whether any replica can run the job, and run it again. */
    boolean isRepeatable() {
        return task == null;
    }
}
