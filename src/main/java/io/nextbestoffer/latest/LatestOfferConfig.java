package io.nextbestoffer.latest;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.latest")
interface LatestOfferConfig {

    /** Whether this replica helps to store latest offers in Postgres. At least one replica must. */
    @WithDefault("true")
    boolean store();
}
