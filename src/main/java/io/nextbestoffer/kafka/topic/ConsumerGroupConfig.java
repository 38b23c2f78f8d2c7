package io.nextbestoffer.kafka.topic;

import jakarta.validation.constraints.NotBlank;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.groups")
public interface ConsumerGroupConfig {

    /** Consumer group that decides activities. */
    @WithDefault("next-best-offer")
    @NotBlank
    String activities();

    /** Consumer group that stores customers in Postgres. */
    @WithDefault("next-best-offer-customers")
    @NotBlank
    String customers();

    /** Consumer group that stores the decision log in Postgres. */
    @WithDefault("next-best-offer-traces")
    @NotBlank
    String traces();

    /** Consumer group that stores latest offers in Postgres. */
    @WithDefault("next-best-offer-latest")
    @NotBlank
    String latest();
}
