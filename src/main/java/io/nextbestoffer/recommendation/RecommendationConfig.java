package io.nextbestoffer.recommendation;

import jakarta.validation.constraints.NotBlank;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.recommendations")
public interface RecommendationConfig {

    /** Strategy that ranks products for {@code /recommend}. */
    @WithDefault("private-banking")
    @NotBlank
    String strategy();
}
