package io.nextbestoffer.offer;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.offers")
public interface OfferConfig {

    /** How often the catalog's revision is looked up. */
    @WithDefault("PT1S")
    Duration refresh();

    /** A replica that could not look it up for so long stops deciding. */
    @WithDefault("PT10S")
    Duration maxAge();
}
