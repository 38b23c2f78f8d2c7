package io.nextbestoffer.kafka.avro;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLContext;

import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.attribute.InvalidInputException;
import io.smallrye.mutiny.Uni;

/**
 * Client for the part of Confluent's REST API that reading and writing records needs; every registry supports it. It
 * uses Java's own HTTP client: the service needs no HTTP client elsewhere, and this one adds nothing to a native image.
 */
final class RegistryClient {

    private static final String JSON_TYPE = "application/vnd.schemaregistry.v1+json";
    /** An error code of Confluent's API. A 404 without such a code means a wrong URL, or comes from a proxy. */
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final int MAX_SCHEMA = 1 << 20;

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http;
    private final String base;
    private final Duration timeout;
    private final @Nullable String authorization;

    /**
     * @param base the URL with its path, for example {@code http://registry:8080/apis/ccompat/v7}
     * @param authorization value of the header; null for none
     */
    RegistryClient(URI base, Duration timeout, @Nullable String authorization, @Nullable SSLContext tls,
            Executor threads) {
        String text = base.toString();
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.timeout = timeout;
        this.authorization = authorization;
        var builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER).executor(threads);
        http = (tls == null ? builder : builder.sslContext(tls)).build();
    }

    static String basic(String username, String password) {
        return "Basic " + Base64.getEncoder()
                .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** The registry's answer for an id. */
    sealed interface Answer {

        record Found(Schema schema) implements Answer {
        }

        /** A JSON Schema: the records are JSON, and need no schema to be read. */
        record Json() implements Answer {
        }

        /** There is a schema, but records can't be read with it. */
        record Unusable(String reason) implements Answer {
        }

        record Unknown() implements Answer {
        }
    }

    /**
     * Requests a schema. Fails with a {@link RegistryException} if the registry is unreachable or rejects the request.
     */
    Uni<Answer> schema(int id) {
        return send("GET", "/schemas/ids/" + id, null).map(response -> {
            if (response.statusCode() == 404 && errorCode(response) == SCHEMA_NOT_FOUND) {
                return new Answer.Unknown();
            }
            return answer(id, ok(response));
        });
    }

    private Answer answer(int id, JsonNode found) {
        String type = found.path("schemaType").asText("AVRO");
        String text = found.path("schema").asText("");
        if (type.equals("JSON")) {
            return new Answer.Json();
        }
        if (!type.equals("AVRO")) {
            return new Answer.Unusable(
                    "schema " + id + " of the registry is neither Avro nor JSON Schema; Protobuf is not supported");
        }
        if (!found.path("references").isEmpty()) {
            return new Answer.Unusable(
                    "schema " + id + " of the registry has references to other schemas, which are not supported");
        }
        try {
            if (text.length() > MAX_SCHEMA) {
                throw new InvalidInputException("too long");
            }
            // Records can be read even if a default does not fit its field
            return new Answer.Found(new Schema.Parser().setValidateDefaults(false).parse(text));
        } catch (AvroRuntimeException | InvalidInputException | StackOverflowError e) {
            return new Answer.Unusable("schema " + id + " of the registry can't be read");
        }
    }

    /** Registers the schema unless it is registered. @return its id */
    Uni<Integer> register(String subject, Schema schema) {
        return send("POST", "/subjects/" + encode(subject) + "/versions", body(schema))
                .map(response -> {
                    if (response.statusCode() == 409) {
                        throw new RegistryException("rejects the schema of subject " + subject
                                + ": it is not compatible with the previous one");
                    }
                    return id(ok(response));
                });
    }

    /** @return the id of a registered schema */
    Uni<Integer> lookUp(String subject, Schema schema) {
        return send("POST", "/subjects/" + encode(subject), body(schema)).map(response -> {
            int code = response.statusCode() == 404 ? errorCode(response) : 0;
            if (code == SUBJECT_NOT_FOUND || code == SCHEMA_NOT_FOUND) {
                throw new RegistryException("does not have this schema under subject " + subject);
            }
            return id(ok(response));
        });
    }

    private Uni<HttpResponse<byte[]>> send(String method, String path, @Nullable String body) {
        var request = HttpRequest.newBuilder(URI.create(base + path)).timeout(timeout)
                .header("Accept", JSON_TYPE + ", application/json")
                .method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", JSON_TYPE);
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return Uni.createFrom().completionStage(() -> http.sendAsync(request.build(),
                HttpResponse.BodyHandlers.ofByteArray()))
                .onFailure().transform(failure -> new RegistryException("can't be reached: " + kind(failure)));
    }

    private static String kind(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return cause.getClass().getSimpleName();
    }

    private JsonNode ok(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw new RegistryException("answers " + response.statusCode());
        }
        return json(response);
    }

    private int id(JsonNode answer) {
        if (!answer.path("id").isInt()) {
            throw new RegistryException("answers without an id");
        }
        return answer.get("id").intValue();
    }

    private int errorCode(HttpResponse<byte[]> response) {
        return json(response).path("error_code").asInt(0);
    }

    private JsonNode json(HttpResponse<byte[]> response) {
        try {
            return mapper.readTree(response.body());
        } catch (IOException e) {
            throw new RegistryException("answers " + response.statusCode() + " with something that is not JSON");
        }
    }

    private String body(Schema schema) {
        return mapper.createObjectNode().put("schema", schema.toString()).toString();
    }

    private String encode(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
