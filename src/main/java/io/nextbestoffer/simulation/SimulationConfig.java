package io.nextbestoffer.simulation;

import java.time.Duration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.simulations")
interface SimulationConfig {

    /** How long simulations and their reports are stored. */
    @WithDefault("P7D")
    @DurationMin(minutes = 1)
    @DurationMax(days = 3_650)
    Duration retention();

    /** Simulations that this replica runs at the same time, each in its own thread. */
    @WithDefault("2")
    @Min(1)
    @Max(64)
    int parallel();

    /** Simulations that may be queued or paused, over all replicas. Further ones are rejected. */
    @WithDefault("20")
    @Min(0)
    @Max(10_000)
    int queue();
}
