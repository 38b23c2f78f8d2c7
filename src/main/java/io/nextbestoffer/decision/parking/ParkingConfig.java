package io.nextbestoffer.decision.parking;

import java.time.Duration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.parking")
public interface ParkingConfig {

    /** How long an activity waits for its customer before it becomes a dead letter. */
    @WithDefault("PT1H")
    @DurationMin(millis = 1)
    @DurationMax(days = 366)
    Duration timeout();

    /**
     * Activities that a replica may park. When the limit is reached, it consumes no activities until some are released.
     * At least twice {@code nbo.stream.batch.records}.
     */
    @WithDefault("100000")
    @Min(2)
    @Max(10_000_000)
    int capacity();

    /** How often a replica looks for parked activities whose customer has arrived. */
    @WithDefault("PT0.25S")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 1)
    Duration poll();
}
