package io.nextbestoffer.decision;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.decision.parking.PartitionOwnership;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshots;
import io.quarkus.runtime.Startup;

/** Reports why an activity that arrives now would not be decided, for the probe and dashboards. Reads memory only. */
@Startup
@ApplicationScoped
class DecidingObstacles {

    enum Kind {
        /** The customer changes that were in the topic at start are not all applied yet. */
        CATCHING_UP,
        /** Too many activities are parked. */
        PARKING,
        /** There are no strategies or offers, or those in memory are too old. */
        STRATEGIES,
        /** The Avro schema of offers is not registered yet. */
        REGISTRY,
        /** The stage is taking over partitions, or recovering from a failure. */
        STAGE
    }

    record Obstacle(Kind kind, String detail) {
    }

    private final CatchUp catchUp;
    private final Snapshots snapshots;
    private final DecisionPipeline pipeline;
    private final PartitionOwnership ownership;
    private final OfferRecordFactory offerRecords;

    DecidingObstacles(CatchUp catchUp, Snapshots snapshots, DecisionPipeline pipeline,
            PartitionOwnership ownership, OfferRecordFactory offerRecords, MeterRegistry metrics) {
        this.catchUp = catchUp;
        this.snapshots = snapshots;
        this.pipeline = pipeline;
        this.ownership = ownership;
        this.offerRecords = offerRecords;
        for (Kind kind : Kind.values()) {
            Gauge.builder("nbo.obstacle", () -> is(kind) ? 1 : 0)
                    .tag("kind", kind.name().toLowerCase().replace('_', '-'))
                    .description("1 while this keeps the replica from deciding").register(metrics);
        }
        Gauge.builder("nbo.snapshot.age", this::snapshotAge).baseUnit("seconds")
                .description("Time since the replica last read its strategies and its catalog from Postgres")
                .register(metrics);
    }

    /** Not a number before the first snapshot. */
    private double snapshotAge() {
        Duration age = snapshots.age();
        return age == null ? Double.NaN : age.toMillis() / 1e3;
    }

    private boolean is(Kind kind) {
        Obstacle current = current();
        return current != null && current.kind() == kind;
    }

    @Nullable
    Obstacle current() {
        if (!catchUp.isOver()) {
            return new Obstacle(Kind.CATCHING_UP, "applying the customer changes that were in the topic at start");
        }
        if (ownership.isFull()) {
            return new Obstacle(Kind.PARKING,
                    "too many activities are parked for unknown customers (nbo.parking.capacity)");
        }
        String registry = offerRecords.obstacle();
        if (registry != null) {
            return new Obstacle(Kind.REGISTRY, registry);
        }
        String obstacle = snapshots.obstacle();
        if (obstacle != null) {
            return new Obstacle(Kind.STRATEGIES, obstacle);
        }
        String stage = pipeline.stage().obstacle();
        return stage == null ? null : new Obstacle(Kind.STAGE, stage);
    }
}
