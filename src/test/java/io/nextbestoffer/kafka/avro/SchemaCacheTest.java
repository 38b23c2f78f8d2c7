package io.nextbestoffer.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.sun.net.httpserver.HttpServer;

import io.nextbestoffer.kafka.stage.StageHandler;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.TimeoutException;

/**
 * Tests how the cache handles the registry's answers. A small HTTP server also sends the errors that the real registry,
 * which AvroIT uses, sends only when it fails.
 */
class SchemaCacheTest {

    private static final String LONG = "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\","
            + "\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}]}\"}";
    private static final String NOT_FOUND = "{\"error_code\":40403,\"message\":\"Schema not found\"}";

    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private volatile Duration delay = Duration.ZERO;
    private HttpServer server;

    private record Reply(int status, String body) {
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getRawPath();
            requests.add(path);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            pause();
            Reply reply = replies.getOrDefault(path, new Reply(404, "<html>not here</html>"));
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private void pause() {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void fetchesAnIdOnce() {
        replies.put("/base/schemas/ids/7", new Reply(200, LONG));
        var schemas = schemas(Optional.of("maria"), Optional.empty());

        assertThat(read(schemas, 7).object(record(7)).get("a")).isEqualTo(1L);
        assertThat(read(schemas, 7).object(record(7)).get("a")).isEqualTo(1L);

        assertThat(requests).containsExactly("/base/schemas/ids/7");
        assertThat(authorizations).containsExactly("Basic bWFyaWE6cw==");
    }

    @Test
    void sendsATokenAsBearer() {
        replies.put("/base/schemas/ids/7", new Reply(200, LONG));

        read(schemas(Optional.empty(), Optional.of("t")), 7);

        assertThat(authorizations).containsExactly("Bearer t");
    }

    @Test
    void fetchesAnUnknownIdAgainAfterAWhile() {
        replies.put("/base/schemas/ids/8", new Reply(404, NOT_FOUND));
        var schemas = schemas(Optional.empty(), Optional.empty());

        for (int i = 0; i < 20; i++) {
            RecordDecoder decoder = read(schemas, 8);
            assertThatThrownBy(() -> decoder.object(record(8))).hasMessage("the schema registry knows no schema 8");
        }
        assertThat(requests).hasSizeLessThan(5);

        replies.put("/base/schemas/ids/8", new Reply(200, LONG));
        await().atMost(Duration.ofSeconds(10)).ignoreExceptions().untilAsserted(
                () -> assertThat(read(schemas, 8).object(record(8)).get("a")).isEqualTo(1L));
    }

    /** A caller gives up after a time and retries: answers that have arrived must not be requested again. */
    @Test
    void fetchesManyUnknownIdsInSeveralTries() {
        int flood = 200;
        var needed = new RecordDecoder.SchemaIds();
        for (int id = 1; id <= flood; id++) {
            replies.put("/base/schemas/ids/" + id, new Reply(404, NOT_FOUND));
            needed.addValue(record(id));
        }
        delay = Duration.ofMillis(10);
        var config = new SmallRyeConfigBuilder().addDiscoveredConverters()
                .withDefaultValue("nbo.registry.url", url()).withMapping(RegistryConfig.class).build()
                .getConfigMapping(RegistryConfig.class);
        var schemas = new SchemaCache(config, null);
        int tries = 0;

        while (schemas.cachedDecoder(needed) == null) {
            assertThat(++tries).isLessThan(50);
            try {
                schemas.decoder(needed).await().atMost(Duration.ofMillis(500));
            } catch (TimeoutException e) {
                // Continued by the next try
            }
        }

        assertThat(tries).as("several tries, otherwise this test proves nothing").isGreaterThan(1);
        // Requests that were pending at the end of a try are repeated
        assertThat(requests).hasSizeLessThanOrEqualTo(flood + 16 * tries);
        StageHandler handler = batch -> {
            throw new UnsupportedOperationException();
        };
        assertThat(config.unknownFor()).isGreaterThan(handler.timeout());
    }

    @Test
    void returnsCachedSchemasAtOnce() {
        replies.put("/base/schemas/ids/7", new Reply(200, LONG));
        var schemas = schemas(Optional.empty(), Optional.empty());
        assertThat(schemas.cachedDecoder(needed(7))).isNull();

        RecordDecoder fetched = read(schemas, 7);

        assertThat(fetched.covers(needed(7))).isTrue();
        assertThat(fetched.covers(needed(8))).isFalse();
        assertThat(schemas.cachedDecoder(needed(7)).object(record(7)).get("a")).isEqualTo(1L);
        assertThat(requests).hasSize(1);
    }

    @Test
    void reportsARejectedSchemaBesideSuccessfulReads() {
        replies.put("/base/subjects/c-value/versions", new Reply(409, "{}"));
        replies.put("/base/schemas/ids/7", new Reply(200, LONG));
        var schemas = schemas(Optional.empty(), Optional.empty());
        var writer = schemas.writer("c-value", Schema.createRecord("R", null, null, false, List.of()), true)
                .subscribe().with(ready -> {
                });
        await().atMost(Duration.ofSeconds(5)).until(() -> schemas.trouble() != null);

        read(schemas, 7);

        assertThat(schemas.trouble()).contains("rejects the schema of subject c-value");
        writer.cancel();
    }

    /** A 404 of a proxy or of a wrong path says nothing about the id, so records must not become dead letters. */
    @Test
    void retriesAfterAnswersThatAreNotOfARegistry() throws Exception {
        for (Reply trouble : List.of(new Reply(404, "<html/>"), new Reply(404, "{\"error_code\":404}"),
                new Reply(401, ""), new Reply(500, "{}"), new Reply(200, "<html/>"))) {
            var schemas = schemas(Optional.empty(), Optional.empty());
            replies.put("/base/schemas/ids/9", trouble);

            var decoder = schemas.decoder(needed(9)).subscribeAsCompletionStage();

            await().atMost(Duration.ofSeconds(5)).until(() -> schemas.trouble() != null);
            assertThat(decoder).isNotDone();
            replies.put("/base/schemas/ids/9", new Reply(200, LONG));
            assertThat(decoder.get().object(record(9)).get("a")).isEqualTo(1L);
            assertThat(schemas.trouble()).isNull();
        }
    }

    @Test
    void reportsNoTroubleAfterACallerGivesUp() {
        var schemas = schemas(Optional.empty(), Optional.empty());

        var waiting = schemas.decoder(needed(10)).subscribe().with(decoder -> {
        });
        await().atMost(Duration.ofSeconds(5)).until(() -> schemas.trouble() != null);
        waiting.cancel();

        assertThat(schemas.trouble()).isNull();
    }

    @Test
    void reportsSchemasThatCannotBeUsed() {
        replies.put("/base/schemas/ids/1", new Reply(200, "{\"schema\":\"x\",\"schemaType\":\"PROTOBUF\"}"));
        replies.put("/base/schemas/ids/2", new Reply(200, "{\"schema\":\"{\"}"));
        replies.put("/base/schemas/ids/3",
                new Reply(200, "{\"schema\":\"\\\"long\\\"\",\"references\":[{\"name\":\"a\"}]}"));
        var schemas = schemas(Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> read(schemas, 1).object(record(1))).hasMessageContaining("Protobuf is not supported");
        assertThatThrownBy(() -> read(schemas, 2).object(record(2))).hasMessageEndingWith("can't be read");
        assertThatThrownBy(() -> read(schemas, 3).object(record(3))).hasMessageContaining("references");
        assertThatThrownBy(() -> read(schemas, -1).object(record(-1))).hasMessageContaining("knows no schema -1");
        assertThat(requests).hasSize(3);
    }

    @Test
    void registersOrLooksUpASchema() {
        replies.put("/base/subjects/a%2Fb-value/versions", new Reply(200, "{\"id\":11}"));
        replies.put("/base/subjects/c-value", new Reply(200, "{\"subject\":\"c-value\",\"id\":12,\"version\":1}"));
        var schemas = schemas(Optional.empty(), Optional.empty());
        Schema schema = Schema.createRecord("R", null, null, false, List.of());

        byte[] written = schemas.writer("a/b-value", schema, true).await().atMost(Duration.ofSeconds(5))
                .write(new GenericData.Record(schema));
        schemas.writer("c-value", schema, false).await().atMost(Duration.ofSeconds(5));

        assertThat(written).containsExactly(0, 0, 0, 0, 11);
        // The schema of a writer is cached for reading
        assertThat(read(schemas, 11).object(written).isEmpty()).isTrue();
        assertThat(requests).containsExactly("/base/subjects/a%2Fb-value/versions", "/base/subjects/c-value");
    }

    @Test
    void rejectsAnInvalidUrlWithoutShowingIt() {
        for (String url : List.of("registry:8080", "ftp://registry", "http://u:secret@registry", "/apis",
                "http://a b")) {
            assertThatThrownBy(() -> new SchemaCache(config(url, Optional.empty(), Optional.empty()), null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("nbo.registry.url")
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> new SchemaCache(config("http://a", Optional.of("u"), Optional.of("t")), null))
                .hasMessageContaining("nbo.registry.token");
    }

    private SchemaCache schemas(Optional<String> username, Optional<String> token) {
        return new SchemaCache(config(url(), username, token), null);
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/base/";
    }

    private record Config(Optional<String> url, Optional<String> username, Optional<String> password,
            Optional<String> token, Optional<String> tlsConfiguration, Duration timeout, int cacheSize,
            Duration unknownFor) implements RegistryConfig {
    }

    private static RegistryConfig config(String url, Optional<String> username, Optional<String> token) {
        return new Config(Optional.of(url), username, Optional.of("s"), token, Optional.empty(), Duration.ofSeconds(2),
                10, Duration.ofSeconds(1));
    }

    private static RecordDecoder read(SchemaCache schemas, int id) {
        return schemas.decoder(needed(id)).await().atMost(Duration.ofSeconds(10));
    }

    private static RecordDecoder.SchemaIds needed(int id) {
        var needed = new RecordDecoder.SchemaIds();
        needed.addValue(record(id));
        return needed;
    }

    private static byte[] record(int id) {
        return ByteBuffer.allocate(6).put((byte) 0).putInt(id).put((byte) 2).array();
    }
}
