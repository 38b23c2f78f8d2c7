package io.nextbestoffer.history;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.traces")
interface DecisionLogStoreConfig {

    /** Whether this replica takes part in keeping traces in Postgres. */
    @WithDefault("true")
    boolean store();

    /**
     * How long traces are kept, rounded up to whole days in UTC. A look-up asks the table of each day, which is why it
     * has an end.
     */
    @WithDefault("P30D")
    @DurationMin(days = 1)
    @DurationMax(days = 366)
    Duration retention();
}
