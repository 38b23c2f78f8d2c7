package io.nextbestoffer.activity;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.nextbestoffer.attribute.KeyFormat;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.activities")
public interface ActivityConfig {

    /** How the customer's id is written in a record's key, where the value has none: auto, text, integer or avro. */
    @WithDefault("auto")
    KeyFormat keyFormat();

    /** Most activities in one POST. */
    @WithDefault("1000")
    @Min(1)
    @Max(10_000)
    int maxPerRequest();
}
