package io.nextbestoffer.kafka.topic;

import jakarta.validation.constraints.NotBlank;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.groups")
public interface ConsumerGroupConfig {

    /** The consumer group that decides. */
    @WithDefault("next-best-offer")
    @NotBlank
    String activities();

    /** The consumer group that keeps the customers in Postgres. */
    @WithDefault("next-best-offer-customers")
    @NotBlank
    String customers();

    /** The consumer group that keeps traces in Postgres. */
    @WithDefault("next-best-offer-traces")
    @NotBlank
    String traces();
}
