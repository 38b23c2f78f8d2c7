package io.nextbestoffer.platform.http;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.http.rate-limit")
public interface RateLimitConfig {

    /** Requests that one client may make, per second and replica; also at once, after a pause. 0 = no limit. */
    @WithDefault("5000")
    @Min(0)
    @Max(1_000_000_000)
    int perSecond();

    /** Clients remembered at most; of more than these the longest silent begin anew. */
    @WithDefault("100000")
    @Min(1)
    @Max(10_000_000)
    int clients();
}
