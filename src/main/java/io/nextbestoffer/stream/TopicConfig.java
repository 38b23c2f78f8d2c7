package io.nextbestoffer.stream;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.topics")
public interface TopicConfig {

    /** What customers do; read, and written by {@code POST /activities}. */
    @WithDefault("customer-activity")
    String activities();

    /** Changes of the bank's customers, as Debezium writes them; read. */
    @WithDefault("bank.public.customers")
    String customers();

    /** Offers made; written. */
    @WithDefault("next-best-offers")
    String offers();

    /** Every decision with what it was decided from; written, and read by {@code nbo.traces.store}. */
    @WithDefault("decision-traces")
    String traces();
}
