package io.nextbestoffer.decision;

import java.util.stream.Collectors;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CatchUp;

/** Whether an activity that comes now would be decided, and if not, why. Looks at memory only. */
@Readiness
class DecidingReadiness implements HealthCheck {

    private final CatchUp catchUp;
    private final Snapshots snapshots;
    private final DecisionPipeline pipeline;
    private final Parking parking;
    private final OfferOutput output;

    DecidingReadiness(CatchUp catchUp, Snapshots snapshots, DecisionPipeline pipeline, Parking parking,
            OfferOutput output) {
        this.catchUp = catchUp;
        this.snapshots = snapshots;
        this.pipeline = pipeline;
        this.parking = parking;
        this.output = output;
    }

    @Override
    public HealthCheckResponse call() {
        String obstacle = obstacle();
        var response = HealthCheckResponse.named("deciding").status(obstacle == null)
                .withData("strategies", strategies())
                .withData("partitions", pipeline.stage().partitions().size())
                .withData("parked", parking.size());
        return (obstacle == null ? response : response.withData("obstacle", obstacle)).build();
    }

    private String strategies() {
        Snapshot snapshot = snapshots.current();
        return snapshot == null
                ? "unknown"
                : snapshot.active().strategies().values().stream().map(Object::toString).sorted()
                        .collect(Collectors.joining(", "));
    }

    private @Nullable String obstacle() {
        if (!catchUp.isOver()) {
            return "waiting until the customer changes that are there are applied";
        }
        if (parking.isFull()) {
            return "too many activities wait for unknown customers (nbo.parking.capacity)";
        }
        if (output.obstacle() != null) {
            return output.obstacle();
        }
        String obstacle = snapshots.obstacle();
        return obstacle == null ? pipeline.stage().trouble() : obstacle;
    }
}
