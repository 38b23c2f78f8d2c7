package io.nextbestoffer.job;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Something that an operator started, and how far it is.
 *
 * @param state running, done, cancelled, failed, or lost with the replica that ran it
 * @param by who started it; null if the service runs without tokens and it was not told
 * @param total null until it is known
 * @param result JSON, counts only; null until it is done
 * @param problem why it failed
 */
@RegisterForReflection
public record Job(UUID id, String kind, String state, String instance,
        @Nullable String by, @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("finished_at") @Nullable Instant finishedAt, long done, @Nullable Long total,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String result, @Nullable String problem) {
}
