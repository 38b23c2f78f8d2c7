package io.nextbestoffer.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.governance.ActiveStrategyCache;
import io.nextbestoffer.governance.InvalidStrategyProblem;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.governance.VersionRef;
import io.nextbestoffer.history.DecisionLog;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.simulation.SimulationRequest.Recorded;
import io.nextbestoffer.simulation.SimulationRequest.Samples;
import io.nextbestoffer.simulation.SimulationRequest.Saved;
import io.nextbestoffer.simulation.SimulationRequest.Text;
import io.nextbestoffer.simulation.report.Tally;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.document.InvalidStrategyException;

/** Creates the replay that a request asks for. Blocks. */
@ApplicationScoped
class CaseReplayFactory {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Snapshots snapshots;
    private final ActiveStrategyCache strategies;
    private final DecisionLog decisions;
    private final Customers customers;

    CaseReplayFactory(Snapshots snapshots, ActiveStrategyCache strategies, DecisionLog decisions,
            Customers customers) {
        this.snapshots = snapshots;
        this.strategies = strategies;
        this.decisions = decisions;
        this.customers = customers;
    }

    /**
     * @param until decisions recorded later are left out; samples are decided at this time
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if the request can't be simulated
     */
    CaseReplay create(SimulationRequest request, Instant until) {
        Snapshot snapshot = snapshots.require();
        ReplayStrategy draft = on(snapshot.catalog(), draft(request.draft()));
        ReplayStrategy baseline = baseline(request, draft.strategy(), snapshot);
        var attributes = CaseReplay.groupingAttributes(draft, request.groupBy());
        var tally = new Tally(snapshot.catalog(), draft.strategy().segments(), attributes, request.minimumGroupSize());
        return new CaseReplay(cases(request, draft.strategy(), until), draft, baseline, attributes, customers, tally);
    }

    private Cases cases(SimulationRequest request, Strategy draft, Instant until) {
        if (request.over() instanceof Samples samples) {
            return new SampleCases(samples, until);
        }
        return new RecordedCases(decisions, strategies, (Recorded) request.over(), draft, until);
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
        Strategy strategy = strategies.find(version.strategy(), version.version()).await().atMost(TIMEOUT);
        if (strategy == null) {
            throw Problems.notFound("version-unknown", "Unknown version", "There is no " + version + ".");
        }
        return strategy;
    }

    /**
     * Returns the strategy to compare with; null if cases are compared with their recorded decisions, which samples
     * don't have.
     */
    private @Nullable ReplayStrategy baseline(SimulationRequest request, Strategy draft, Snapshot snapshot) {
        if (request.baseline() != null) {
            return on(snapshot.catalog(), saved(request.baseline()));
        }
        if (request.over() instanceof Recorded) {
            return null;
        }
        Chooser active = snapshot.chooser(draft.name());
        if (active == null) {
            throw Problems.invalid(List.of(new Violation("baseline", "must name a version to compare the samples with:"
                    + " no version of strategy " + draft.name() + " is active")));
        }
        return on(snapshot.catalog(), active.strategy());
    }

    private static ReplayStrategy on(Catalog catalog, Strategy strategy) {
        Chooser chooser = strategy.on(catalog);
        if (!chooser.obstacles().isEmpty()) {
            throw Problems.problem(409, "catalog-lacks-offers", "The catalog lacks offers",
                    "Strategy " + strategy.name() + " can't choose: " + String.join("; ", chooser.obstacles()))
                    .build();
        }
        return new ReplayStrategy(chooser);
    }
}
