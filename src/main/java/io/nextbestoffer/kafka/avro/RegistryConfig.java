package io.nextbestoffer.kafka.avro;

import java.time.Duration;
import java.util.Optional;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.registry")
public interface RegistryConfig {

    /** URL of a schema registry with Confluent's REST API. Without it, the service does not read Avro. */
    Optional<String> url();

    /** User name for basic authentication. */
    Optional<String> username();

    /** Password for basic authentication. Set it as the environment variable {@code NBO_REGISTRY_PASSWORD}. */
    Optional<String> password();

    /** Bearer token, instead of user name and password. */
    Optional<String> token();

    /** Name of the TLS configuration ({@code quarkus.tls.<name>}). Default: the certificates that Java trusts. */
    Optional<String> tlsConfiguration();

    /** Time limit of one request. The service then retries. */
    @WithDefault("PT5S")
    @DurationMin(millis = 100)
    @DurationMax(minutes = 5)
    Duration timeout();

    /** Schemas kept in memory. Rarely used ones are evicted first. */
    @WithDefault("1000")
    @Min(1)
    @Max(100_000)
    int cacheSize();

    /**
     * How long the service remembers that the registry does not know a schema id, before it asks again. Must be longer
     * than the time that the retries of a batch take.
     */
    @WithDefault("PT2M")
    @DurationMin(minutes = 1)
    @DurationMax(days = 1)
    Duration unknownFor();
}
