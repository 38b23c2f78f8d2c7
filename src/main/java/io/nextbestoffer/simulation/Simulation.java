package io.nextbestoffer.simulation;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.simulation.report.SimulationReport;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A simulation as it is told over REST.
 *
 * @param state {@code queued}, {@code running}, {@code done}, {@code cancelled}, {@code failed} or {@code lost}
 * @param strategy name of the draft
 * @param by who asked for it, if that was told
 * @param instance the replica that took it: its log tells more
 * @param request as it came, with the number of samples instead of them; absent in lists
 * @param report absent until it is done, and in lists
 * @param problem why it failed
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record Simulation(@JsonProperty("simulation_id") UUID id, String state, String strategy, @Nullable String by,
        String instance,
        @JsonProperty("created_at") Instant createdAt, @JsonProperty("started_at") @Nullable Instant startedAt,
        @JsonProperty("finished_at") @Nullable Instant finishedAt, Progress progress,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String request,
        @JsonRawValue @Schema(implementation = SimulationReport.class) @Nullable String report,
        @Nullable String problem) {

    /** @param total decisions or samples to look at, estimated until it is done; absent until it is known */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Progress(long done, @Nullable Long total) {
    }
}
