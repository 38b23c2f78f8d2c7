package io.nextbestoffer.platform;

import java.io.IOException;

import jakarta.ws.rs.core.Response;

import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

import io.smallrye.mutiny.TimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.pgclient.PgException;

/** Answers 503 while Postgres or Kafka is unavailable: down, starting, or disconnected during a request. */
class UnavailableMapper {

    private static final Logger LOG = Logger.getLogger(UnavailableMapper.class);

    // IOException is the type of broken connections ("connection reset", "broken pipe"), and of a body without declared
    // length that exceeds the limit; Quarkus has answered the latter
    @ServerExceptionMapper({IOException.class, TimeoutException.class, VertxException.class})
    Response postgresUnavailable(Throwable failure, HttpServerRequest request) {
        return request.response().ended()
                ? Response.status(request.response().getStatusCode()).build()
                : unavailable(failure);
    }

    @ServerExceptionMapper
    Response kafkaUnavailable(KafkaException failure) {
        LOG.debugf("answered 503: %s", failure.getClass().getName());
        return Problems.problem(503, "unavailable", "Kafka does not answer",
                "Try again when the service is ready: " + failure.getClass().getSimpleName() + ".").build()
                .toResponse();
    }

    @ServerExceptionMapper
    Response rejected(PgException failure) {
        String state = failure.getSqlState() == null ? "" : failure.getSqlState();
        // Classes: connection, insufficient resources, operator intervention (shutting down, starting up)
        if (state.startsWith("08") || state.startsWith("53") || state.startsWith("57")) {
            return unavailable(failure);
        }
        // Without its message, which can quote values
        LOG.errorf("Postgres rejected a statement: SQL state %s", state);
        return Problems.internalError().toResponse();
    }

    private static Response unavailable(Throwable failure) {
        LOG.debugf("answered 503: %s", failure.getClass().getName());
        return Problems.problem(503, "unavailable", "Postgres does not answer",
                "Try again when the service is ready.").build().toResponse();
    }
}
