package io.nextbestoffer.platform.http;

import java.time.Duration;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.eclipse.microprofile.config.inject.ConfigProperty;

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
 * Filters every request to the main port twice: before anything else handles it, and after authentication, before its
 * body is read.
 */
@ApplicationScoped
class RequestGuard {

    /**
     * Priority of the first filter: before cross-origin requests (300), authentication (200) and everything else that
     * may answer.
     */
    private static final int FIRST = 1_000;
    /**
     * Priority of the second filter: after authentication (200), so that the caller is known, and before authorization
     * (100) and all routes.
     */
    private static final int AUTHENTICATED = 120;
    /** Key of the path that metrics and traces record, until a route sets its template. */
    static final String TEMPLATE = "UrlPathTemplate";
    static final String UNMATCHED = "/unmatched";
    private static final String BEGUN = RequestGuard.class.getName() + ".begun";
    private static final String NO_HOST = RequestGuard.class.getName() + ".no-host";
    private static final String HSTS = "max-age=31536000";

    private final RequestLimiter limiter;
    private final Duration timeout;
    private final long maxBody;

    RequestGuard(RequestLimiter limiter, HttpConfig config,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") Optional<MemorySize> maxBody) {
        this.limiter = limiter;
        this.timeout = config.requestTimeout();
        this.maxBody = maxBody.map(MemorySize::asLongValue).orElse(Long.MAX_VALUE);
    }

    void register(@Observes Filters filters) {
        filters.register(this::begin, FIRST);
        filters.register(this::guard, AUTHENTICATED);
    }

    /** Whether the request has passed the filters; Vert.x fails some requests before their first route. */
    static boolean hasBegun(RoutingContext routing) {
        return routing.get(BEGUN) != null;
    }

    /**
     * Sends a request that Vert.x can't route through the filters, so that limits, authentication and response headers
     * apply to it as to any other. A target that is not a path counts as an unknown path; a request without a valid
     * host is answered 400.
     */
    static void rerouteUnroutable(RoutingContext routing) {
        if (routing.request().authority() == null) {
            routing.put(NO_HOST, true);
        }
        routing.reroute(UNMATCHED);
    }

    private void begin(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (request.isSSL()) {
            routing.response().putHeader("Strict-Transport-Security", HSTS);
        }
        // Requests refused before routing would be recorded under their raw path, which can contain a customer id
        ((HttpServerRequestInternal) request).context().putLocal(TEMPLATE, UNMATCHED);
        if (!hasBegun(routing)) {
            routing.put(BEGUN, true);
            limitTime(routing);
        }
        if (routing.get(NO_HOST) == null) {
            routing.next();
        } else if (limiter.admit(routing)) {
            Problems.answer(routing.response(), 400, "malformed-request", "Malformed request",
                    "The request has no valid host.");
        }
    }

    private void limitTime(RoutingContext routing) {
        long timer = routing.vertx().setTimer(timeout.toMillis(), now -> expire(routing));
        routing.addEndHandler(ended -> {
            // A client that is answered before its body is complete could go on sending the body
            if (routing.request().isEnded() || ended.failed()) {
                routing.vertx().cancelTimer(timer);
            }
        });
    }

    private void expire(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        HttpServerResponse response = routing.response();
        if (response.ended() && request.isEnded() || response.closed() || isLiveStream(response)) {
            return;
        }
        if (response.headWritten()) {
            abort(request);
        } else if (request.isEnded()) {
            Problems.answer(response, 503, "timeout", "Timeout",
                    "The request was not answered within " + timeout.toSeconds() + " s. Try again later.");
        } else {
            closeWhenAnswered(request);
            Problems.answer(response, 408, "timeout", "Timeout",
                    "The request was not complete after " + timeout.toSeconds() + " s.");
        }
    }

    private static boolean isLiveStream(HttpServerResponse response) {
        String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
        return response.headWritten() && !response.ended() && type != null && type.startsWith("text/event-stream");
    }

    private static void abort(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            request.connection().close();
        }
    }

    private void guard(RoutingContext routing) {
        if (!limiter.admit(routing)) {
            return;
        }
        if (length(routing.request()) > maxBody) {
            closeWhenAnswered(routing.request());
            Problems.answer(routing.response(), 413, "too-large", "Too large",
                    "A request can have at most " + maxBody + " bytes.");
            return;
        }
        routing.next();
    }

    /** Discards the rest of the body. (HTTP/2 resets the stream by itself.) */
    private static void closeWhenAnswered(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                    .endHandler(ended -> request.connection().close());
        }
    }

    /** The declared length of the body; Quarkus cuts off bodies that exceed the limit without declaring a length. */
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
