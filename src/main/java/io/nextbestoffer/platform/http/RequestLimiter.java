package io.nextbestoffer.platform.http;

import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.platform.Problems;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Limits the requests per second of each client. A request counts once: for the name in its token, or for its address
 * if it has no token or is refused before its token is known to be valid.
 */
@ApplicationScoped
public class RequestLimiter {

    private static final String COUNTED = RequestLimiter.class.getName();
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final int perSecond;
    private final @Nullable RateLimit limit;
    private final Counter throttled;

    RequestLimiter(RateLimitConfig config, MeterRegistry metrics) {
        this.perSecond = config.perSecond();
        this.limit = perSecond == 0
                ? null
                : new RateLimit(perSecond, config.clients(), TimeMeter.SYSTEM_NANOTIME);
        this.throttled = metrics.counter("nbo.http.throttled");
    }

    /**
     * Counts a request, unless it has been counted already.
     *
     * @return false if the client has exceeded its limit; the request is answered 429 then
     */
    public boolean admit(RoutingContext request) {
        if (limit == null || request.get(COUNTED) != null) {
            return true;
        }
        request.put(COUNTED, true);
        ConsumptionProbe probe = limit.take(ClientKey.of(request));
        if (!probe.isConsumed()) {
            refuse(request.response(), probe);
        }
        return probe.isConsumed();
    }

    /** The headers follow draft-ietf-httpapi-ratelimit-headers: q per w seconds, r left, t seconds until the next. */
    private void refuse(HttpServerResponse response, ConsumptionProbe probe) {
        throttled.increment();
        long seconds = Math.max(1, (probe.getNanosToWaitForRefill() + SECOND_NS - 1) / SECOND_NS);
        response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds))
                .putHeader("RateLimit-Policy", "\"client\";q=" + perSecond + ";w=1")
                .putHeader("RateLimit", "\"client\";r=0;t=" + seconds);
        Problems.answer(response, 429, "too-many-requests", "Too many requests",
                "One client may make " + perSecond + " requests per second. Try again in a moment.");
    }
}
