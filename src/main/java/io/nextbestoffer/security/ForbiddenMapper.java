package io.nextbestoffer.security;

import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

import io.nextbestoffer.platform.Problems;
import io.quarkus.security.ForbiddenException;

class ForbiddenMapper {

    // Before the one of the problem extension, which does not say that it is for the lack of a role (RFC 6750)
    @ServerExceptionMapper(value = ForbiddenException.class, priority = Priorities.USER - 1)
    Response forbidden(ForbiddenException failure) {
        return Problems.problem(403, "forbidden", "Forbidden", "None of the caller's roles allows this.")
                .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"").build().toResponse();
    }
}
