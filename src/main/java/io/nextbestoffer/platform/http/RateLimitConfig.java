package io.nextbestoffer.platform.http;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.http.rate-limit")
public interface RateLimitConfig {

    /**
     * Requests per second that one client may send to each replica. After a pause, a burst of the same number is
     * allowed. 0 = no limit.
     */
    @WithDefault("5000")
    @Min(0)
    @Max(1_000_000_000)
    int perSecond();

    /**
     * Clients whose request rate is tracked. With more clients, the ones that were idle longest are forgotten first.
     */
    @WithDefault("100000")
    @Min(1)
    @Max(10_000_000)
    int clients();
}
