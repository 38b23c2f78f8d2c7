package io.nextbestoffer.stream;

import jakarta.validation.constraints.Pattern;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.topics")
public interface TopicConfig {

    /** What Kafka takes for a topic's name. */
    String NAME = "[A-Za-z0-9._-]{1,249}";

    /** What customers do; read, and written by {@code POST /activities}. */
    @WithDefault("customer-activity")
    @Pattern(regexp = NAME)
    String activities();

    /** Changes of the bank's customers, as Debezium writes them; read. */
    @WithDefault("bank.public.customers")
    @Pattern(regexp = NAME)
    String customers();

    /** Offers made; written. */
    @WithDefault("next-best-offers")
    @Pattern(regexp = NAME)
    String offers();

    /** Every decision with what it was decided from; written, and read by {@code nbo.traces.store}. */
    @WithDefault("decision-traces")
    @Pattern(regexp = NAME)
    String traces();
}
