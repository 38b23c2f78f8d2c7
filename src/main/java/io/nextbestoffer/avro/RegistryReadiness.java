package io.nextbestoffer.avro;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether records wait for the schema registry. Looks at memory only. */
@Readiness
class RegistryReadiness implements HealthCheck {

    private final Schemas schemas;

    RegistryReadiness(Schemas schemas) {
        this.schemas = schemas;
    }

    @Override
    public HealthCheckResponse call() {
        String trouble = schemas.trouble();
        var response = HealthCheckResponse.named("schema registry").status(trouble == null)
                .withData("configured", schemas.configured());
        return (trouble == null ? response : response.withData("obstacle", trouble)).build();
    }
}
