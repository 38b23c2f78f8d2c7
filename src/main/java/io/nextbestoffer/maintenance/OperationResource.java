package io.nextbestoffer.maintenance;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobCollection;
import io.nextbestoffer.job.Jobs;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.ValidUuid;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.quarkus.arc.All;
import io.smallrye.mutiny.Uni;

/** Shows, pauses, resumes and cancels the jobs that operators start, which the API calls operations. */
@Path("/operations")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.OPERATOR)
@Tag(name = "Operations")
class OperationResource {

    private static final String UNKNOWN = "There is no such operation, or it is older than 90 days";

    private final JobCollection operations;
    private final CurrentActor currentActor;

    OperationResource(Jobs jobs, @All List<MaintenanceJob> kinds, CurrentActor currentActor) {
        operations = jobs.collection("operation", kinds.stream().map(MaintenanceJob::name).toList());
        this.currentActor = currentActor;
    }

    @GET
    @Operation(summary = "Lists the operations of the last 90 days, the newest first")
    public Uni<List<Job>> list(@QueryParam("limit") @DefaultValue("20") @Min(1) @Max(1000) int limit) {
        return operations.page(null, limit, true);
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Returns the state, progress and result of an operation; any replica answers")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    public Uni<Job> find(@PathParam("id") @ValidUuid String id) {
        return operations.find(UUID.fromString(id));
    }

    @POST
    @Path("/{id}/pause")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Pauses an operation after its current step",
            description = "A paused operation keeps what it has done, and others of its kind can't be started.")
    @APIResponse(responseCode = "200", description = "The operation, which is paused")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    @APIResponse(responseCode = "409", description = "`operation-over`")
    public Uni<Job> pause(@PathParam("id") @ValidUuid String id) {
        return operations.pause(UUID.fromString(id), currentActor.find());
    }

    @POST
    @Path("/{id}/resume")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Resumes a paused operation",
            description = "It continues within seconds, or starts again if its replica has gone meanwhile.")
    @APIResponse(responseCode = "200", description = "The operation, which is queued or runs")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    @APIResponse(responseCode = "409", description = "`operation-over`")
    public Uni<Job> resume(@PathParam("id") @ValidUuid String id) {
        return operations.resume(UUID.fromString(id), currentActor.find());
    }

    @DELETE
    @Path("/{id}")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Cancels an operation after its current step; does nothing if it is over",
            description = "What it has done stays done; it can be started again.")
    @APIResponse(responseCode = "204", description = "The operation ends within seconds")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    public Uni<Void> cancel(@PathParam("id") @ValidUuid String id) {
        return operations.cancel(UUID.fromString(id), currentActor.find());
    }
}
