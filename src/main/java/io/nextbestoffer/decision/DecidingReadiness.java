package io.nextbestoffer.decision;

import java.util.stream.Collectors;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether an activity that comes now would be decided, and if not, why. Looks at memory only. */
@Readiness
class DecidingReadiness implements HealthCheck {

    private final Obstacles obstacles;
    private final Snapshots snapshots;
    private final DecisionPipeline pipeline;
    private final Parking parking;

    DecidingReadiness(Obstacles obstacles, Snapshots snapshots, DecisionPipeline pipeline, Parking parking) {
        this.obstacles = obstacles;
        this.snapshots = snapshots;
        this.pipeline = pipeline;
        this.parking = parking;
    }

    @Override
    public HealthCheckResponse call() {
        Obstacles.Obstacle obstacle = obstacles.current();
        var response = HealthCheckResponse.named("deciding").status(obstacle == null)
                .withData("strategies", strategies())
                .withData("partitions", pipeline.stage().partitions().size())
                .withData("parked", parking.size());
        return (obstacle == null ? response : response.withData("obstacle", obstacle.detail())).build();
    }

    private String strategies() {
        Snapshot snapshot = snapshots.current();
        return snapshot == null
                ? "unknown"
                : snapshot.active().strategies().values().stream().map(Object::toString).sorted()
                        .collect(Collectors.joining(", "));
    }
}
