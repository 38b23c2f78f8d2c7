package io.nextbestoffer.simulation;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
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

import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.governance.ActiveStrategyCache;
import io.nextbestoffer.governance.InvalidStrategyProblem;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.governance.VersionRef;
import io.nextbestoffer.history.DecisionLog;
import io.nextbestoffer.job.Backlog;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.platform.security.Actor;
import io.nextbestoffer.platform.security.CurrentActor;
import io.nextbestoffer.simulation.SimulationRequest.Recorded;
import io.nextbestoffer.simulation.SimulationRequest.Samples;
import io.nextbestoffer.simulation.SimulationRequest.Saved;
import io.nextbestoffer.simulation.SimulationRequest.Text;
import io.nextbestoffer.simulation.report.Tally;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;

@Path("/simulations")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Simulations")
@RolesAllowed({Roles.MARKETER, Roles.APPROVER})
class SimulationResource {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Snapshots snapshots;
    private final ActiveStrategyCache documents;
    private final DecisionLog traces;
    private final Customers customers;
    private final Simulations simulations;
    private final Simulator simulator;
    private final Backlog backlog;
    private final Clock clock;
    private final CurrentActor currentActor;

    SimulationResource(Snapshots snapshots, ActiveStrategyCache documents, DecisionLog traces, Customers customers,
            Simulations simulations, Simulator simulator, Backlog backlog, Clock clock,
            CurrentActor currentActor) {
        this.snapshots = snapshots;
        this.documents = documents;
        this.traces = traces;
        this.customers = customers;
        this.simulations = simulations;
        this.simulator = simulator;
        this.backlog = backlog;
        this.clock = clock;
        this.currentActor = currentActor;
    }

    @POST
    @RolesAllowed(Roles.MARKETER)
    @Blocking // a document takes a while to compile, and so do thousands of samples to read
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Begins to run a draft of a strategy over decisions that were recorded, or over samples")
    @Parameter(name = Actor.HEADER, in = ParameterIn.HEADER, description = Actor.DESCRIPTION,
            schema = @Schema(implementation = String.class))
    @RequestBody(content = @Content(mediaType = MediaType.APPLICATION_JSON, examples = {
            @ExampleObject(name = "recorded", value = """
                    {"strategy": {"name": "banking", "version": 3}, "days": 7, "group_by": ["customer.gender"]}"""),
            @ExampleObject(name = "samples", value = """
                    {"strategy": {"name": "banking", "version": 3}, "baseline": {"name": "banking", "version": 2},
                     "samples": [{"activity": {"activity_type": "deposit", "propensity_to_buy": 0.4},
                                  "customer": {"income": 60000, "fico": 640}}]}""")}))
    @APIResponse(responseCode = "202", description = "It is queued; `Location` says where to look",
            content = @Content(schema = @Schema(implementation = Simulation.class)))
    @APIResponse(responseCode = "400",
            description = "`violations` names every field that is wrong; or, as `invalid-strategy`, `problems` names all of the document")
    @APIResponse(responseCode = "404", description = "There is no such version")
    @APIResponse(responseCode = "409", description = "The catalog lacks offers that the draft or the baseline chooses")
    @APIResponse(responseCode = "429", description = "Too many wait on this replica")
    public Uni<Response> simulate(byte @Nullable [] body) {
        Actor actor = currentActor.find();
        String user = actor == null ? null : actor.name();
        SimulationRequest request = SimulationRequestReader.read(body);
        Snapshot snapshot = snapshots.require();
        ReplayStrategy draft = on(snapshot.catalog(), draft(request.draft()));
        ReplayStrategy baseline = baseline(request, draft.strategy(), snapshot);
        return simulator.take(run(request, draft, baseline, snapshot.catalog()), request, draft.strategy().name(), user)
                .chain(id -> simulations.find(id).map(simulation -> Response.accepted(simulation)
                        .location(URI.create("/simulations/" + id)).build()));
    }

    private CaseReplay run(SimulationRequest request, ReplayStrategy draft, @Nullable ReplayStrategy baseline,
            Catalog catalog) {
        var measures = CaseReplay.measures(draft, request.groupBy());
        var tally = new Tally(catalog, draft.strategy().segments(), measures, request.minimumGroupSize());
        return new CaseReplay(cases(request, draft.strategy()), draft, baseline, measures, customers, tally,
                backlog.pacing());
    }

    private Cases cases(SimulationRequest request, Strategy draft) {
        if (request.over() instanceof Samples samples) {
            return new SampleCases(samples, clock.instant());
        }
        return new RecordedCases(traces, documents, (Recorded) request.over(), draft, clock.instant());
    }

    private Strategy draft(SimulationRequest.Draft draft) {
        if (draft instanceof Saved saved) {
            return saved(saved.version());
        }
        try {
            return Strategy.parse(((Text) draft).document(), 0);
        } catch (InvalidStrategyException e) {
            throw InvalidStrategyProblem.of(e.problems());
        }
    }

    private Strategy saved(VersionRef version) {
        Strategy strategy = documents.find(version.strategy(), version.version()).await().atMost(TIMEOUT);
        if (strategy == null) {
            throw Problems.notFound("version-unknown", "Unknown version", "There is no " + version + ".");
        }
        return strategy;
    }

    /** Recorded decisions have what they are compared with; samples need something. */
    private @Nullable ReplayStrategy baseline(SimulationRequest request, Strategy draft, Snapshot snapshot) {
        if (request.baseline() != null) {
            return on(snapshot.catalog(), saved(request.baseline()));
        }
        if (request.over() instanceof Recorded) {
            return null;
        }
        Chooser inForce = snapshot.chooser(draft.name());
        if (inForce == null) {
            throw Problems.invalid(List.of(new Violation("baseline", "must say what to compare the samples with: no"
                    + " version of strategy " + draft.name() + " is in force")));
        }
        return on(snapshot.catalog(), inForce.strategy());
    }

    private static ReplayStrategy on(Catalog catalog, Strategy strategy) {
        Chooser chooser = strategy.on(catalog);
        if (!chooser.obstacles().isEmpty()) {
            throw lacking(strategy, chooser.obstacles());
        }
        return new ReplayStrategy(chooser);
    }

    private static HttpProblem lacking(Strategy strategy, List<String> obstacles) {
        return Problems.problem(409, "catalog-lacks-offers", "The catalog lacks offers",
                "Strategy " + strategy.name() + " can't choose: " + String.join("; ", obstacles)).build();
    }

    @GET
    @Operation(summary = "The simulations, page by page, the newest first; without their reports")
    public Uni<Page> list(
            @Parameter(description = "Simulations on a page") @QueryParam("limit") @DefaultValue("100") @Min(1)
            @Max(100) int limit,
            @Parameter(description = "The id before which the page starts: `next` of the page before")
            @QueryParam("before") @Pattern(regexp = Problems.UUID, message = "must be a UUID")
            @Nullable String before) {
        return simulations.page(before == null ? null : UUID.fromString(before), limit + 1).map(found -> {
            boolean more = found.size() > limit;
            List<Simulation> page = more ? found.subList(0, limit) : found;
            return new Page(page, more ? page.get(limit - 1).id() : null);
        });
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "How far a simulation is, and what came out of it; on any replica")
    @APIResponse(responseCode = "404", description = "There is none, or it is older than what is kept")
    public Uni<Simulation> simulation(
            @PathParam("id") @Pattern(regexp = Problems.UUID, message = "must be a UUID") String id) {
        return simulations.find(UUID.fromString(id)).map(simulation -> {
            if (simulation == null) {
                throw unknown(id);
            }
            return simulation;
        });
    }

    @DELETE
    @RolesAllowed(Roles.MARKETER)
    @Path("/{id}")
    @Operation(summary = "Cancels a simulation; one that is over stays as it is")
    @APIResponse(responseCode = "204",
            description = "It does not run, or not longer than it takes to read a page of decisions: 30 s at most")
    @APIResponse(responseCode = "404", description = "There is none, or it is older than what is kept")
    public Uni<Void> cancel(
            @PathParam("id") @Pattern(regexp = Problems.UUID, message = "must be a UUID") String id) {
        return simulations.cancel(UUID.fromString(id)).map(found -> {
            if (!found) {
                throw unknown(id);
            }
            return null;
        });
    }

    private static HttpProblem unknown(String id) {
        return Problems.notFound("simulation-unknown", "Unknown simulation",
                "There is no simulation " + id + ", or it is older than what is kept.");
    }

    /** @param next the last id of this page if there is another one */
    @RegisterForReflection
    record Page(List<Simulation> simulations, @Nullable UUID next) {
    }
}
