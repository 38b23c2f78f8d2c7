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

    /** How often the catalog's revision is looked up. Less than the maximal age. */
    @WithDefault("PT1S")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 1)
    Duration refresh();

    /** A replica that could not look it up for so long stops deciding. */
    @WithDefault("PT10S")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration maxAge();

    /** Catalogs that ship (banking, insurance, private-banking), to be loaded into an empty one. */
    Optional<List<@NotBlank String>> initial();
}
