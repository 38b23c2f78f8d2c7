package io.nextbestoffer.customer;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once the customers that were there at start are known: a start of a large bank takes its time. */
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
