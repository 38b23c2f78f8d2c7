package io.nextbestoffer.decision;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.traces")
public interface TraceConfig {

    /** Whether decisions leave traces, in {@code nbo.topics.traces}. */
    @WithDefault("true")
    boolean enabled();
}
