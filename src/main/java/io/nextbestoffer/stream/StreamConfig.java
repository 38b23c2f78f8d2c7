package io.nextbestoffer.stream;

import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.stream")
public interface StreamConfig {

    /**
     * Names this replica in Kafka. Unique per replica, and the same after a restart: it fences its own past. Default:
     * of host and HTTP port.
     */
    Optional<String> instance();

    /** Added to an input topic's name to make its dead-letter topic's. */
    @WithDefault("-dead-letter")
    String deadLetterSuffix();
}
