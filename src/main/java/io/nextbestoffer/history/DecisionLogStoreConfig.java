package io.nextbestoffer.history;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.traces")
interface DecisionLogStoreConfig {

    /** Whether this replica helps to store the decision log in Postgres. */
    @WithDefault("true")
    boolean store();

    /**
     * How long past decisions are stored, rounded up to whole days in UTC. Every look-up searches one table per day,
     * which is why the time is limited.
     */
    @WithDefault("P30D")
    @DurationMin(days = 1)
    @DurationMax(days = 366)
    Duration retention();
}
