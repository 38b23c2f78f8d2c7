package io.nextbestoffer.platform.http;

import java.time.Duration;

import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

@ConfigMapping(prefix = "nbo.http")
public interface HttpConfig {

    /**
     * Time that a request may take, from its headers until its answer is sent. After that it is answered 408 if its
     * body is not complete, else 503; if the answer has begun, the connection is closed. Live streams are exempt.
     */
    @WithDefault("PT30S")
    @DurationMin(seconds = 1)
    @DurationMax(days = 1)
    Duration requestTimeout();
}
