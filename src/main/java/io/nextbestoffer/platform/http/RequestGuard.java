package io.nextbestoffer.platform.http;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.platform.Problems;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;

/**
 * Stands before all of the main port: at its very beginning, and once it is known who calls, before anything is read or
 * done for him.
 */
@ApplicationScoped
class RequestGuard {

    /** Before cross-origin requests (300), authentication and whoever else may answer. */
    private static final int FIRST = 1_000;
    /** After authentication (200), so that the subject is known; before authorisation (100) and all routes. */
    private static final int PRIORITY = 120;
    /** What metrics and traces have for a path, until a route says which template it fits. */
    static final String TEMPLATE = "UrlPathTemplate";
    static final String UNMATCHED = "/unmatched";
    private static final String HSTS = "max-age=31536000";
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final RateLimitConfig config;
    private final @Nullable RateLimit limit;
    private final long maxBody;
    private final Counter throttled;

    RequestGuard(RateLimitConfig config,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") Optional<MemorySize> maxBody,
            MeterRegistry metrics) {
        this.config = config;
        this.limit = config.perSecond() == 0
                ? null
                : new RateLimit(config.perSecond(), config.clients(), TimeMeter.SYSTEM_NANOTIME);
        this.maxBody = maxBody.map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
        this.throttled = metrics.counter("nbo.http.throttled");
    }

    void register(@Observes Filters filters) {
        filters.register(RequestGuard::begin, FIRST);
        filters.register(this::guard, PRIORITY);
    }

    /** Whoever is refused before a route is found would be counted by his whole path, in which there is a customer. */
    private static void begin(RoutingContext routing) {
        if (routing.request().isSSL()) {
            routing.response().putHeader("Strict-Transport-Security", HSTS);
        }
        ((HttpServerRequestInternal) routing.request()).context().putLocal(TEMPLATE, UNMATCHED);
        routing.next();
    }

    private void guard(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (limit != null) {
            ConsumptionProbe probe = limit.take(ClientKey.of(routing));
            if (!probe.isConsumed()) {
                tooMany(routing.response(), probe);
                return;
            }
        }
        if (length(request) > maxBody) {
            tooLarge(request);
            return;
        }
        routing.next();
    }

    /** As draft-ietf-httpapi-ratelimit-headers has it: q of w seconds, r left, t seconds until there is more. */
    private void tooMany(HttpServerResponse response, ConsumptionProbe probe) {
        throttled.increment();
        long seconds = Math.max(1, (probe.getNanosToWaitForRefill() + SECOND_NS - 1) / SECOND_NS);
        response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds))
                .putHeader("RateLimit-Policy", "\"client\";q=" + config.perSecond() + ";w=1")
                .putHeader("RateLimit", "\"client\";r=0;t=" + seconds);
        Problems.answer(response, 429, "too-many-requests", "Too many requests",
                "One client may make " + config.perSecond() + " requests per second. Ask again in a moment.");
    }

    /** What says its size beforehand is not even read. What does not is cut off, by Quarkus, when it is too much. */
    private void tooLarge(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                    .endHandler(ended -> request.connection().close());
        }
        Problems.answer(request.response(), 413, "too-large", "Too large",
                "A request has at most " + maxBody + " bytes.");
    }

    private static long length(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return 0;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
