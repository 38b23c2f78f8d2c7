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

    /** Where the schema registry speaks Confluent's REST, with the path. Without it no Avro is read. */
    Optional<String> url();

    /** For basic authentication. */
    Optional<String> username();

    /** For basic authentication; give it as the environment variable {@code NBO_REGISTRY_PASSWORD}. */
    Optional<String> password();

    /** A bearer token, instead of user name and password. */
    Optional<String> token();

    /** Which {@code quarkus.tls.<name>} to use; default: what Java trusts. */
    Optional<String> tlsConfiguration();

    /** How long one request may take; then it is tried again. */
    @WithDefault("PT5S")
    @DurationMin(millis = 100)
    @DurationMax(minutes = 5)
    Duration timeout();

    /** Schemas kept in memory; the least used go first. */
    @WithDefault("1000")
    @Min(1)
    @Max(100_000)
    int cacheSize();

    /** How long the registry is not asked again for an id that it did not know; longer than a batch may take to try. */
    @WithDefault("PT2M")
    @DurationMin(minutes = 1)
    @DurationMax(days = 1)
    Duration unknownFor();
}
