package io.nextbestoffer.kafka.avro;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The readiness check of the schema registry: down while records wait for it. Reads memory only. */
@Readiness
class RegistryReadiness implements HealthCheck {

    private final SchemaCache schemas;

    RegistryReadiness(SchemaCache schemas) {
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
