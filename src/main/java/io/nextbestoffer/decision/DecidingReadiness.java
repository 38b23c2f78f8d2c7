package io.nextbestoffer.decision;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CatchUp;

/** Whether an activity that comes now would be decided, and if not, why. Looks at memory only. */
@Readiness
class DecidingReadiness implements HealthCheck {

    private final CatchUp catchUp;
    private final ActiveStrategy strategy;
    private final DecisionPipeline pipeline;
    private final Parking parking;

    DecidingReadiness(CatchUp catchUp, ActiveStrategy strategy, DecisionPipeline pipeline, Parking parking) {
        this.catchUp = catchUp;
        this.strategy = strategy;
        this.pipeline = pipeline;
        this.parking = parking;
    }

    @Override
    public HealthCheckResponse call() {
        String obstacle = obstacle();
        var response = HealthCheckResponse.named("deciding").status(obstacle == null)
                .withData("strategy", strategy.strategy().name())
                .withData("strategy version", strategy.strategy().version())
                .withData("partitions", pipeline.stage().partitions().size())
                .withData("parked", parking.size());
        return (obstacle == null ? response : response.withData("obstacle", obstacle)).build();
    }

    private @Nullable String obstacle() {
        if (!catchUp.isOver()) {
            return "waiting until the customer changes that are there are applied";
        }
        if (parking.isFull()) {
            return "too many activities wait for unknown customers (nbo.parking.capacity)";
        }
        String obstacle = strategy.obstacle();
        return obstacle == null ? pipeline.stage().trouble() : obstacle;
    }
}
