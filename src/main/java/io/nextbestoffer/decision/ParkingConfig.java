package io.nextbestoffer.decision;

import java.time.Duration;

import jakarta.validation.constraints.Min;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.parking")
public interface ParkingConfig {

    /** How long an activity waits for its customer before it goes to the dead-letter topic. */
    @WithDefault("PT1H")
    Duration timeout();

    /** Most activities a replica parks; then it stops consuming until some are released. At least two batches. */
    @WithDefault("100000")
    @Min(2)
    int capacity();

    /** How often parked activities are looked up. */
    @WithDefault("PT0.25S")
    Duration poll();
}
