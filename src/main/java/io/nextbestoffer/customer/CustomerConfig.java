package io.nextbestoffer.customer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

    /** Column of the bank's customer table that holds the customer id. */
    @WithDefault("customer_id")
    @NotBlank
    String idAttribute();

    /**
     * Encoding of the customer id in record keys. {@code auto} detects it per record, and reads keys of 4 or 8
     * printable bytes as text.
     */
    @WithDefault("auto")
    KeyFormat keyFormat();

    /**
     * Column that identifies the customer in record keys of several columns. The table must have one row per customer.
     * If not set, changes with such keys become dead letters.
     */
    Optional<String> keyColumn();

    /**
     * Tables whose rows are customers: {@code schema.table}, {@code table} (in any schema) or {@code *} (all tables).
     * Rows of other tables become dead letters. Default: the table in the name of the topic
     * ({@code prefix.schema.table}).
     */
    Optional<List<String>> tables();

    /**
     * Placeholder that Debezium writes for a value that Postgres did not send: the connector's
     * {@code unavailable.value.placeholder}, with the prefix {@code hex:} for bytes.
     */
    @WithDefault("__debezium_unavailable_value")
    @NotBlank
    String unavailableValuePlaceholder();

    /** How long a deleted customer stays marked as deleted, so that a replay of older changes cannot restore them. */
    @WithDefault("P7D")
    @DurationMin(millis = 1)
    @DurationMax(days = 3_650)
    Duration deletionMarker();

    /** Longest time that a starting replica waits for its backlog of customer changes before it decides activities. */
    @WithDefault("PT5M")
    @DurationMin
    @DurationMax(days = 1)
    Duration catchUp();

    Cache cache();

    interface Cache {

        /** Profiles that each replica keeps in memory. Rarely used ones are evicted first. */
        @WithDefault("100000")
        @Min(1)
        @Max(100_000_000)
        long size();

        /**
         * Age from which a profile in memory is read from Postgres again when it is used, in the background. A change
         * to the customer replaces it at once.
         */
        @WithDefault("PT10M")
        @DurationMin(millis = 1)
        @DurationMax(days = 1)
        Duration refreshAfter();

        /**
         * How long a profile stays in memory after it was last read from Postgres or changed. Activities of customers
         * who are in memory are decided without Postgres.
         */
        @WithDefault("P1D")
        @DurationMin(millis = 1)
        @DurationMax(days = 1)
        Duration expireAfter();
    }
}
