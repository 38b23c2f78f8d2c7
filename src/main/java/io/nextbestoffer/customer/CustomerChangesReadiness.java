package io.nextbestoffer.customer;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether changes of customers are being applied. */
@Readiness
class CustomerChangesReadiness implements HealthCheck {

    private final CustomerChanges changes;

    CustomerChangesReadiness(CustomerChanges changes) {
        this.changes = changes;
    }

    @Override
    public HealthCheckResponse call() {
        String trouble = changes.stage().obstacle();
        var response = HealthCheckResponse.named("customer changes").status(trouble == null)
                .withData("partitions", changes.stage().partitions().size());
        return (trouble == null ? response : response.withData("obstacle", trouble)).build();
    }
}
