package io.nextbestoffer.platform;

import java.net.URI;
import java.util.List;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Problem details (RFC 9457). The type is a stable, relative reference, by which programs distinguish problems. */
public final class Problems {

    /** The pattern of UUIDs in path and query parameters, because {@code UUID.fromString} also accepts other text. */
    public static final String UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    private Problems() {
    }

    /** @param field a path into the request, for example {@code [2].customer_id} */
    @RegisterForReflection
    public record Violation(String field, String message) {
    }

    /** Answers a request that no resource handles. */
    public static void answer(HttpServerResponse response, int status, String type, String title, String detail) {
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(new JsonObject().put("type", type).put("status", status).put("title", title)
                        .put("detail", detail).encode());
    }

    /** Reports an unexpected failure. Its details are only in the log. */
    public static HttpProblem internalError() {
        return problem(500, "about:blank", "Internal Server Error", "See the service's log.").build();
    }

    public static HttpProblem notFound(String type, String title, String detail) {
        return problem(404, type, title, detail).build();
    }

    public static HttpProblem invalid(List<Violation> violations) {
        return problem(400, "invalid-input", "Invalid input",
                violations.size() + (violations.size() == 1 ? " field is" : " fields are") + " wrong.")
                .with("violations", violations).build();
    }

    public static HttpProblem.Builder problem(int status, String type, String title, String detail) {
        return HttpProblem.builder().withType(URI.create(type)).withTitle(title).withStatus(status)
                .withDetail(detail);
    }
}
