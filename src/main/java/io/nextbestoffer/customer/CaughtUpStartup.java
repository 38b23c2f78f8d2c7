package io.nextbestoffer.customer;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** The startup probe: up once the customers in the topic are known, or after {@code nbo.customers.catch-up}. */
@Startup
class CaughtUpStartup implements HealthCheck {

    private final CatchUp catchUp;

    CaughtUpStartup(CatchUp catchUp) {
        this.catchUp = catchUp;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("customers caught up").status(catchUp.isOver()).build();
    }
}
