package io.nextbestoffer.decision;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.decision.parking.PartitionOwnership;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshots;
import io.quarkus.runtime.Startup;

/** Why an activity that comes now would not be decided, for the probe and for dashboards. Looks at memory only. */
@Startup
@ApplicationScoped
class DecidingObstacles {

    enum Kind {
        /** Customer changes that were there at start are not all applied yet. */
        CATCHING_UP,
        /** Too much is parked. */
        PARKING,
        /** There are no strategies or offers to decide by, or they could not be looked up lately. */
        STRATEGIES,
        /** The schema of offers is not registered yet. */
        REGISTRY,
        /** The stage recovers from a failure. */
        STAGE
    }

    record Obstacle(Kind kind, String detail) {
    }

    private final CatchUp catchUp;
    private final Snapshots snapshots;
    private final DecisionPipeline pipeline;
    private final PartitionOwnership parking;
    private final OfferRecordFactory output;

    DecidingObstacles(CatchUp catchUp, Snapshots snapshots, DecisionPipeline pipeline, PartitionOwnership parking,
            OfferRecordFactory output,
            MeterRegistry metrics) {
        this.catchUp = catchUp;
        this.snapshots = snapshots;
        this.pipeline = pipeline;
        this.parking = parking;
        this.output = output;
        for (Kind kind : Kind.values()) {
            Gauge.builder("nbo.obstacle", () -> is(kind) ? 1 : 0)
                    .tag("kind", kind.name().toLowerCase().replace('_', '-'))
                    .description("1 while this is why nothing is decided").register(metrics);
        }
    }

    private boolean is(Kind kind) {
        Obstacle current = current();
        return current != null && current.kind() == kind;
    }

    @Nullable
    Obstacle current() {
        if (!catchUp.isOver()) {
            return new Obstacle(Kind.CATCHING_UP, "waiting until the customer changes that are there are applied");
        }
        if (parking.isFull()) {
            return new Obstacle(Kind.PARKING, "too many activities wait for unknown customers (nbo.parking.capacity)");
        }
        String registry = output.obstacle();
        if (registry != null) {
            return new Obstacle(Kind.REGISTRY, registry);
        }
        String obstacle = snapshots.obstacle();
        if (obstacle != null) {
            return new Obstacle(Kind.STRATEGIES, obstacle);
        }
        String trouble = pipeline.stage().obstacle();
        return trouble == null ? null : new Obstacle(Kind.STAGE, trouble);
    }
}
