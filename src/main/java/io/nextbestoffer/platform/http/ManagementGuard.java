package io.nextbestoffer.platform.http;

import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import io.nextbestoffer.platform.Problems;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/** Restricts the management port to reading health and metrics. */
@ApplicationScoped
class ManagementGuard {

    private static final Set<String> PATHS = Set.of("/q/health", "/q/health/live", "/q/health/ready",
            "/q/health/started", "/q/metrics");
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    void register(@Observes ManagementInterface management) {
        management.router().route().order(Integer.MIN_VALUE).handler(ManagementGuard::guard);
    }

    private static void guard(RoutingContext routing) {
        if (!PATHS.contains(routing.request().path())) {
            Problems.answer(routing.response(), 404, "about:blank", "Not Found",
                    "The management port has no such path.");
        } else if (!METHODS.contains(routing.request().method())) {
            Problems.answer(routing.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD"), 405, "about:blank",
                    "Method Not Allowed", "The management port can only be read.");
        } else {
            routing.next();
        }
    }
}
