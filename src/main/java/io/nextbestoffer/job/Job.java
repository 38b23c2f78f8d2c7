package io.nextbestoffer.job;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A long-running piece of work, and its progress.
 *
 * @param subject what the job works on, for example a strategy or a topic; null: nothing in particular
 * @param replica the replica that holds the job, or held it last; null while any replica may run it
 * @param attempt the number of attempts so far; resuming a paused job on the same replica starts no new one
 * @param by the name of the actor that started it; null if the service runs without tokens and the caller gave no name
 * @param total null until it is known
 * @param parameters JSON
 * @param checkpoint JSON, from which the next attempt continues; null: it starts at the beginning
 * @param result JSON, without personal data; null until the job is done
 * @param problem why the job failed or is lost
 */
@RegisterForReflection
public record Job(UUID id, String kind, @Nullable String subject, JobState state,
        @JsonProperty("instance") @Nullable String replica, int attempt, @Nullable String by,
        @JsonProperty("paused_by") @Nullable String pausedBy, @JsonProperty("resumed_by") @Nullable String resumedBy,
        @JsonProperty("cancelled_by") @Nullable String cancelledBy, @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("started_at") @Nullable Instant startedAt,
        @JsonProperty("finished_at") @Nullable Instant finishedAt, long done, @Nullable Long total,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String parameters,
        @JsonIgnore @Nullable String checkpoint,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String result, @Nullable String problem) {
}
