package io.nextbestoffer.platform.security;

import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

import io.nextbestoffer.platform.Problems;
import io.quarkus.security.ForbiddenException;

/** Answers 403 to callers without a required role. */
class ForbiddenMapper {

    // Precedes the mapper of the problem extension (AUTHENTICATION - 1), which lacks the challenge of RFC 6750
    @ServerExceptionMapper(value = ForbiddenException.class, priority = Priorities.AUTHENTICATION - 2)
    Response forbidden(ForbiddenException failure) {
        return Problems.problem(403, "forbidden", "Forbidden", "None of the caller's roles allows this.")
                .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"").build().toResponse();
    }
}
