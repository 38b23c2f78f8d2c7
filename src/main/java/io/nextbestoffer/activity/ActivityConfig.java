package io.nextbestoffer.activity;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.nextbestoffer.attribute.KeyFormat;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.activities")
public interface ActivityConfig {

    /**
     * Encoding of the customer id in record keys, for activities whose value has none. {@code auto} detects it per
     * record, and reads keys of 4 or 8 printable bytes as text.
     */
    @WithDefault("auto")
    KeyFormat keyFormat();

    /** Activities that one {@code POST /activities} may contain. */
    @WithDefault("1000")
    @Min(1)
    @Max(10_000)
    int maxPerRequest();
}
