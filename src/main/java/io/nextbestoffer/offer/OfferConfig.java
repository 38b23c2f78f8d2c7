package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

    /** Catalogs that ship (banking, insurance, private-banking), to be loaded into an empty one. */
    Optional<List<String>> initial();
}
