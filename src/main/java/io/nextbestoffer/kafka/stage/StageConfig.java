package io.nextbestoffer.kafka.stage;

import java.util.Optional;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.stream")
public interface StageConfig {

    /**
     * Name of this replica in Kafka. It must be unique, and the same after a restart, so that a restarted replica
     * fences its own open transactions. Default: made from the host name and the HTTP port.
     */
    Optional<@Pattern(regexp = "[A-Za-z0-9._-]{1,200}") String> instance();

    /** Suffix that turns the name of an input topic into the name of its dead-letter topic. */
    @WithDefault("-dead-letter")
    @Pattern(regexp = "[A-Za-z0-9._-]{1,100}")
    String deadLetterSuffix();

    BatchLimits batch();

    /** Limits of a batch. At most three batches are in flight. */
    interface BatchLimits {

        /** Records per batch. */
        @WithDefault("3000")
        @Min(1)
        @Max(1_000_000)
        int records();

        /**
         * Bytes per batch, of keys and values together. A batch that consists of a single poll may exceed it. From 1K
         * to 1G.
         */
        @WithDefault("8M")
        MemorySize bytes();
    }
}
