package io.nextbestoffer.simulation;

import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.Job;
import io.nextbestoffer.job.JobCollection;
import io.nextbestoffer.job.JobRequest;
import io.nextbestoffer.job.JobRunner;
import io.nextbestoffer.job.Jobs;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.http.PageSlice;
import io.nextbestoffer.platform.http.ValidUuid;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.nextbestoffer.simulation.SimulationRequest.Samples;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;

@Path("/simulations")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Simulations")
@RolesAllowed({Roles.MARKETER, Roles.APPROVER})
class SimulationResource {

    private static final String UNKNOWN = "There is no such simulation, or it is older than the retention time";

    private final CaseReplayFactory replays;
    private final SimulationJob kind;
    private final JobRunner runner;
    private final JobCollection simulations;
    private final Clock clock;
    private final CurrentActor currentActor;

    SimulationResource(CaseReplayFactory replays, SimulationJob kind, JobRunner runner, Jobs jobs, Clock clock,
            CurrentActor currentActor) {
        this.replays = replays;
        this.kind = kind;
        this.runner = runner;
        this.simulations = jobs.collection("simulation", List.of(SimulationJob.NAME));
        this.clock = clock;
        this.currentActor = currentActor;
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Blocking // strategies take a while to compile, and thousands of samples take a while to read
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Starts a simulation of a strategy over recorded decisions, or over samples")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON, examples = {
            @ExampleObject(name = "recorded", value = """
                    {"strategy": {"name": "banking", "version": 3}, "days": 7, "group_by": ["customer.gender"]}"""),
            @ExampleObject(name = "samples", value = """
                    {"strategy": {"name": "banking", "version": 3}, "baseline": {"name": "banking", "version": 2},
                     "samples": [{"activity": {"activity_type": "deposit", "propensity_to_buy": 0.4},
                                  "customer": {"income": 60000, "fico": 640}}]}""")}))
    @APIResponse(responseCode = "202", description = "The simulation is queued or runs; `Location` is its address",
            content = @Content(schema = @Schema(implementation = Simulation.class)))
    @APIResponse(responseCode = "400", description = "`violations` names every field that is wrong; for"
            + " `invalid-strategy`, `problems` names everything that is wrong with the document")
    @APIResponse(responseCode = "404", description = "There is no such version")
    @APIResponse(responseCode = "409", description = "The catalog lacks offers that the draft or the baseline chooses")
    @APIResponse(responseCode = "429", description = "Too many simulations are queued")
    public Uni<Response> simulate(byte @Nullable [] body) {
        Actor by = currentActor.find();
        SimulationRequest request = SimulationRequestReader.read(body);
        CaseReplay replay = replays.create(request, clock.instant());
        var job = new JobRequest(kind, replay.strategy(), request.json(),
                request.over() instanceof Samples ? replay::report : null);
        return runner.start(job, by).map(started -> {
            if (started == null) {
                throw Problems.problem(429, "too-many-simulations", "Too many simulations",
                        kind.queue() + " simulations are queued or paused. Try again when some are done, or cancel"
                                + " some.")
                        .build();
            }
            return Response.accepted(Simulation.of(started)).location(URI.create("/simulations/" + started.id()))
                    .build();
        });
    }

    @GET
    @Operation(summary = "Lists simulations without their reports, the newest first")
    public Uni<Page> list(
            @Parameter(description = "Maximum number of simulations on a page") @QueryParam("limit")
            @DefaultValue("100") @Min(1) @Max(100) int limit,
            @Parameter(description = "Id before which the page starts: `next` of the previous page")
            @QueryParam("before") @ValidUuid @Nullable String before) {
        UUID start = before == null ? null : UUID.fromString(before);
        return simulations.page(start, limit + 1, false).map(jobs -> {
            var slice = PageSlice.of(jobs, limit);
            return new Page(slice.map(Simulation::of), slice.next(Job::id));
        });
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Returns the state, progress and report of a simulation; any replica answers")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    public Uni<Simulation> find(
            @PathParam("id") @ValidUuid String id) {
        return simulations.find(UUID.fromString(id)).map(Simulation::of);
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}/pause")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Pauses a simulation after its current page of decisions, so that others can run")
    @APIResponse(responseCode = "200", description = "The simulation, which is paused")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    @APIResponse(responseCode = "409", description = "`simulation-over`")
    public Uni<Simulation> pause(
            @PathParam("id") @ValidUuid String id) {
        return simulations.pause(UUID.fromString(id), currentActor.find()).map(Simulation::of);
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}/resume")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Resumes a paused simulation, once a slot is free")
    @APIResponse(responseCode = "200", description = "The simulation, which is queued or runs")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    @APIResponse(responseCode = "409", description = "`simulation-over`")
    public Uni<Simulation> resume(
            @PathParam("id") @ValidUuid String id) {
        return simulations.resume(UUID.fromString(id), currentActor.find()).map(Simulation::of);
    }

    @DELETE
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @Operation(summary = "Cancels a simulation; does nothing if it is over")
    @APIResponse(responseCode = "204", description = "The simulation ends after its current page of decisions, within"
            + " 30 s")
    @APIResponse(responseCode = "404", description = UNKNOWN)
    public Uni<Void> cancel(@PathParam("id") @ValidUuid String id) {
        return simulations.cancel(UUID.fromString(id), currentActor.find());
    }

    /** @param next last id of this page; null if there are no more */
    @RegisterForReflection
    record Page(List<Simulation> simulations, @Nullable UUID next) {
    }
}
