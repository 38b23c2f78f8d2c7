package io.nextbestoffer.platform.http;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.Response;

import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.UnexpectedFailures;
import io.quarkus.security.AuthenticationException;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * Answers requests that fail outside of resources with problem details. Quarkus would log each with its path, which can
 * contain a customer id.
 */
@ApplicationScoped
class RouterFailures {

    /** Order of this failure handler: after those of authentication and REST, and just before that of Quarkus. */
    private static final int ORDER = Integer.MAX_VALUE - 1;

    private final UnexpectedFailures unexpected;

    RouterFailures(UnexpectedFailures unexpected) {
        this.unexpected = unexpected;
    }

    void register(@Observes Router router) {
        router.route().order(ORDER).failureHandler(this::handle);
    }

    void register(@Observes ManagementInterface management) {
        management.router().route().order(ORDER).failureHandler(this::answer);
    }

    private void handle(RoutingContext routing) {
        if (!RequestGuard.hasBegun(routing)) {
            RequestGuard.rerouteUnroutable(routing);
        } else if (routing.failure() instanceof SecurityException
                || routing.failure() instanceof AuthenticationException) {
            routing.next();
        } else {
            answer(routing);
        }
    }

    private void answer(RoutingContext routing) {
        HttpServerResponse response = routing.response();
        int status = status(routing);
        if (status == 500 && routing.failure() != null) {
            unexpected.log(routing.failure());
        }
        if (response.ended()) {
            return;
        }
        if (response.headWritten()) {
            response.end();
        } else {
            Problems.answer(response, status, "about:blank", title(status), "The request could not be processed.");
        }
    }

    private static String title(int status) {
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? Integer.toString(status) : known.getReasonPhrase();
    }

    private static int status(RoutingContext routing) {
        if (routing.failure() instanceof RejectedExecutionException || routing.failure() instanceof IOException) {
            return 503;
        }
        return routing.statusCode() > 0 ? routing.statusCode() : 500;
    }
}
