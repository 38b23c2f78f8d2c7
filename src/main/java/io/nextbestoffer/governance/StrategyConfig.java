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

    /**
     * How often a replica refreshes the active versions from Postgres. Must be less than {@code nbo.strategies.max-age}
     * and {@code nbo.strategies.activation-delay}.
     */
    @WithDefault("PT1S")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 1)
    Duration refresh();

    /**
     * Age of the active versions at which a replica that cannot refresh them stops deciding. Until then it decides
     * without Postgres, and does not learn of new activations. If it is at most
     * {@code nbo.strategies.activation-delay}, no two replicas ever decide by different versions at the same time.
     */
    @WithDefault("PT10M")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration maxAge();

    /** Time from an activation until it takes effect, at the same moment on all replicas. */
    @WithDefault("PT3S")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration activationDelay();

    /** Whether a person other than the author must approve a version before it can be activated. */
    @WithDefault("false")
    boolean secondPersonApproval();

    /**
     * Strategies of a new database: names of strategies that ship with the service, or paths of files ({@code .yaml},
     * {@code .yml}, {@code .json}). The first one decides all activities.
     */
    @WithDefault("banking,private-banking")
    @NotEmpty
    List<@NotBlank String> initial();
}
