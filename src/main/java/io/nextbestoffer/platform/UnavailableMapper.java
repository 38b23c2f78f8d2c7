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

/** A database that is away, starting or gone in the middle is no error of this service: 503, come again. */
class UnavailableMapper {

    private static final Logger LOG = Logger.getLogger(UnavailableMapper.class);

    // IOException: a connection that breaks in the middle ("connection reset", "broken pipe") comes as Java has it. Also a
    // body without a length that becomes too long; Quarkus has answered then
    @ServerExceptionMapper({IOException.class, TimeoutException.class, VertxException.class})
    Response away(Throwable failure, HttpServerRequest request) {
        return request.response().ended()
                ? Response.status(request.response().getStatusCode()).build()
                : unavailable(failure);
    }

    @ServerExceptionMapper
    Response away(KafkaException failure) {
        LOG.debugf("answered 503: %s", failure.getClass().getName());
        return Problems.problem(503, "unavailable", "Kafka does not answer",
                "Ask again when the service is ready: " + failure.getClass().getSimpleName() + ".").build()
                .toResponse();
    }

    @ServerExceptionMapper
    Response refused(PgException failure) {
        String state = failure.getSqlState() == null ? "" : failure.getSqlState();
        // Connection, insufficient resources, operator intervention (shut down, starting up)
        if (state.startsWith("08") || state.startsWith("53") || state.startsWith("57")) {
            return unavailable(failure);
        }
        // Its message can quote values
        LOG.errorf("Postgres refused a statement: SQL state %s", state);
        return Problems.internalError().toResponse();
    }

    private static Response unavailable(Throwable failure) {
        LOG.debugf("answered 503: %s", failure.getClass().getName());
        return Problems.problem(503, "unavailable", "Postgres does not answer",
                "Ask again when the service is ready.").build().toResponse();
    }
}
