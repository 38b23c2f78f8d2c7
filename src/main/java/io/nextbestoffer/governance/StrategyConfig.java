package io.nextbestoffer.governance;

import java.time.Duration;
import java.util.List;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.strategies")
public interface StrategyConfig {

    /** How often it is looked up which versions are active. Less than the maximal age. */
    @WithDefault("PT1S")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 1)
    Duration refresh();

    /** A replica that could not look it up for so long stops deciding. At most the activation delay. */
    @WithDefault("PT3S")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration maxAge();

    /** From an activation till it takes effect, at the same moment on all replicas. */
    @WithDefault("PT3S")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration activationDelay();

    /** Whether a version must have been approved by somebody else than its author before it can be activated. */
    @WithDefault("false")
    boolean secondPersonApproval();

    /**
     * What a new database decides by: names of strategies that ship, or files ({@code .yaml}, {@code .yml},
     * {@code .json}) with strategies of the bank's own. The first one decides all activities.
     */
    @WithDefault("banking,private-banking")
    @NotEmpty
    List<@NotBlank String> initial();
}
