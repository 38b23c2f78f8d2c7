package io.nextbestoffer.offer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import jakarta.validation.constraints.NotBlank;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.offers")
public interface OfferConfig {

    /** How often a replica checks Postgres for a new catalog revision. Must be less than {@code nbo.offers.max-age}. */
    @WithDefault("PT1S")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 1)
    Duration refresh();

    /**
     * Age of the catalog at which a replica that cannot refresh it stops deciding. Until then it decides without
     * Postgres, and does not learn of changes to offers.
     */
    @WithDefault("PT10M")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration maxAge();

    /**
     * Catalogs that ship with the service ({@code banking}, {@code insurance}, {@code private-banking}) to load if the
     * catalog is empty.
     */
    Optional<List<@NotBlank String>> initial();
}
