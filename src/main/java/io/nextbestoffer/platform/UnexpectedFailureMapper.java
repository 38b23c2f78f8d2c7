package io.nextbestoffer.platform;

import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.Response;

import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers 500 to failures that no other mapper handles. */
class UnexpectedFailureMapper {

    private final UnexpectedFailures failures;

    UnexpectedFailureMapper(UnexpectedFailures failures) {
        this.failures = failures;
    }

    // Precedes the mapper of the problem extension (USER), which logs the message of the failure
    @ServerExceptionMapper(value = Exception.class, priority = Priorities.USER - 1)
    Response internalError(Exception failure) {
        failures.log(failure);
        return Problems.internalError().toResponse();
    }
}
