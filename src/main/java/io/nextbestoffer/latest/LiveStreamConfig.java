package io.nextbestoffer.latest;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.live-stream")
public interface LiveStreamConfig {

    /** Live streams that this replica serves at the same time. Each buffers up to 10,000 offers for a slow listener. */
    @WithDefault("1000")
    @Min(0)
    @Max(100_000)
    int listeners();

    /** Live streams of one client, identified by the name in its token or, without tokens, by its address. */
    @WithDefault("100")
    @Min(0)
    @Max(100_000)
    int listenersPerClient();
}
