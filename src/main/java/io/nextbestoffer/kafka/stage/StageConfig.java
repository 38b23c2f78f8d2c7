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
     * Names this replica in Kafka. Unique per replica, and the same after a restart: it fences its own past. Default:
     * of host and HTTP port.
     */
    Optional<@Pattern(regexp = "[A-Za-z0-9._-]{1,200}") String> instance();

    /** Added to an input topic's name to make its dead-letter topic's. */
    @WithDefault("-dead-letter")
    @Pattern(regexp = "[A-Za-z0-9._-]{1,100}")
    String deadLetterSuffix();

    BatchLimits batch();

    /** What is taken from what was polled at a time; three batches are on their way at most. */
    interface BatchLimits {

        /** Most records of a batch. */
        @WithDefault("3000")
        @Min(1)
        @Max(1_000_000)
        int records();

        /** Most bytes of their keys and values together; a single poll may have more. From 1K to 1G. */
        @WithDefault("8M")
        MemorySize bytes();
    }
}
