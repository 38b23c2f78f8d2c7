package io.nextbestoffer.decision.record;

import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.output")
public interface OfferRecordConfig {

    /** Format of offers. {@code avro} needs a schema registry ({@code nbo.registry.url}). */
    @WithDefault("json")
    Format format();

    /**
     * Whether the service registers the Avro schema of offers at start. If not, the schema must already be registered.
     */
    @WithDefault("true")
    boolean autoRegister();

    /**
     * Subject of the Avro schema of offers in the registry. Default: the name of the topic, followed by {@code -value}.
     */
    Optional<String> subject();

    enum Format {
        JSON, AVRO
    }
}
