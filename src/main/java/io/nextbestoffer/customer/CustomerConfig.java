package io.nextbestoffer.customer;

import java.time.Duration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.nextbestoffer.attribute.KeyFormat;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.customers")
public interface CustomerConfig {

    /** Column of the bank's table that identifies a customer. */
    @WithDefault("customer_id")
    @NotBlank
    String idAttribute();

    /** How the id is written in a record's key: auto, text, integer or avro. */
    @WithDefault("auto")
    KeyFormat keyFormat();

    /** How long the marker of a deleted customer keeps replayed older changes away. */
    @WithDefault("P7D")
    @DurationMin(millis = 1)
    @DurationMax(days = 3_650)
    Duration deletionMarker();

    /** How long the first activities wait for the changes that are there at start. */
    @WithDefault("PT5M")
    @DurationMin
    @DurationMax(days = 1)
    Duration catchUp();

    Cache cache();

    interface Cache {

        /** Profiles kept in memory by each replica; the least used go first. */
        @WithDefault("100000")
        @Min(1)
        @Max(100_000_000)
        long size();

        /** How long a profile is kept; changes refresh it at once. */
        @WithDefault("PT10M")
        @DurationMin(millis = 1)
        @DurationMax(days = 1)
        Duration expireAfter();
    }
}
