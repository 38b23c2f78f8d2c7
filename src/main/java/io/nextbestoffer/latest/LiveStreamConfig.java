package io.nextbestoffer.latest;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.live-stream")
public interface LiveStreamConfig {

    /** Who may listen to this replica at the same time; each can be 10,000 offers behind. */
    @WithDefault("1000")
    @Min(0)
    @Max(100_000)
    int listeners();

    /** How many of them one client may be: the name in a token, or an address. */
    @WithDefault("100")
    @Min(0)
    @Max(100_000)
    int listenersPerClient();
}
