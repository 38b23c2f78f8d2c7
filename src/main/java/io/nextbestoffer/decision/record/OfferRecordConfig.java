package io.nextbestoffer.decision.record;

import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.output")
public interface OfferRecordConfig {

    /** How offers are written: json or avro, which needs a schema registry ({@code nbo.registry.url}). */
    @WithDefault("json")
    Format format();

    /** Whether the service registers its Avro schema at start; if not, it must be there. */
    @WithDefault("true")
    boolean autoRegister();

    /** Of the Avro schema in the registry. Default: the topic's name and {@code -value}. */
    Optional<String> subject();

    enum Format {
        JSON, AVRO
    }
}
