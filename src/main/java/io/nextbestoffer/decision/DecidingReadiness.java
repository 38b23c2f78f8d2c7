package io.nextbestoffer.decision;

import java.time.Duration;
import java.util.stream.Collectors;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

import io.nextbestoffer.decision.parking.PartitionOwnership;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;

/** Reports whether an activity that arrives now would be decided, and if not, why. Reads memory only. */
@Readiness
class DecidingReadiness implements HealthCheck {

    private final DecidingObstacles obstacles;
    private final Snapshots snapshots;
    private final DecisionPipeline pipeline;
    private final PartitionOwnership ownership;

    DecidingReadiness(DecidingObstacles obstacles, Snapshots snapshots, DecisionPipeline pipeline,
            PartitionOwnership ownership) {
        this.obstacles = obstacles;
        this.snapshots = snapshots;
        this.pipeline = pipeline;
        this.ownership = ownership;
    }

    @Override
    public HealthCheckResponse call() {
        DecidingObstacles.Obstacle obstacle = obstacles.current();
        var response = HealthCheckResponse.named("deciding").status(obstacle == null)
                .withData("strategies", strategies())
                .withData("partitions", pipeline.stage().partitions().size())
                .withData("parked", ownership.size())
                .withData("postgres", postgres());
        return (obstacle == null ? response : response.withData("obstacle", obstacle.detail())).build();
    }

    private String postgres() {
        if (snapshots.isPostgresReachable()) {
            return "answers";
        }
        Duration age = snapshots.age();
        return age == null
                ? "has not answered yet"
                : "has not answered for %d s: only activities of customers in memory are decided, with the strategies"
                        .formatted(age.toSeconds()) + " and the catalog that were read last";
    }

    private String strategies() {
        Snapshot snapshot = snapshots.current();
        return snapshot == null
                ? "unknown"
                : snapshot.active().strategies().values().stream().map(Object::toString).sorted()
                        .collect(Collectors.joining(", "));
    }
}
