package io.nextbestoffer.simulation;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobState;
import io.nextbestoffer.simulation.report.SimulationReport;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A simulation in the form of the API.
 *
 * @param strategy the name of the draft
 * @param by the name of the actor that started it, if known
 * @param instance the replica that runs the simulation; its log has details
 * @param request the caller's request, with the number of samples in their place; absent in lists
 * @param report absent until the simulation is done, and in lists
 * @param problem why the simulation failed or is lost
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record Simulation(@JsonProperty("simulation_id") UUID id, JobState state, @Nullable String strategy,
        @Nullable String by, @JsonProperty("paused_by") @Nullable String pausedBy,
        @JsonProperty("resumed_by") @Nullable String resumedBy,
        @JsonProperty("cancelled_by") @Nullable String cancelledBy, @Nullable String instance,
        @JsonProperty("created_at") Instant createdAt, @JsonProperty("started_at") @Nullable Instant startedAt,
        @JsonProperty("finished_at") @Nullable Instant finishedAt, Progress progress,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String request,
        @JsonRawValue @Schema(implementation = SimulationReport.class) @Nullable String report,
        @Nullable String problem) {

    /** @param total decisions or samples to replay, estimated until the simulation is done; absent until it is known */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Progress(long done, @Nullable Long total) {
    }

    static Simulation of(Job job) {
        return new Simulation(job.id(), job.state(), job.subject(), job.by(), job.pausedBy(), job.resumedBy(),
                job.cancelledBy(), job.replica(), job.createdAt(), job.startedAt(), job.finishedAt(),
                new Progress(job.done(), job.total()), job.parameters(), job.result(), job.problem());
    }
}
