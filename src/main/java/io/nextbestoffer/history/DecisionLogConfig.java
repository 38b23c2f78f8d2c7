package io.nextbestoffer.history;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.traces")
public interface DecisionLogConfig {

    /** Whether decisions are written to the decision log, the topic {@code nbo.topics.traces}. */
    @WithDefault("true")
    boolean enabled();
}
