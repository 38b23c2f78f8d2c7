package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/**
 * Sends malformed requests and records, with a customer's name, e-mail and address in every possible place, to a
 * service with low limits that logs at DEBUG. Then searches logs, metrics, errors and headers of dead letters for these
 * values.
 */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileClientsIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String FIRST = "Zebulonia";
    private static final String LAST = "Quixworth";
    private static final String EMAIL = "zebulonia.quixworth@example.org";
    private static final String ADDRESS = "203.0.113.199";
    private static final Pattern PERSONAL = Pattern.compile("zebulonia|quixworth|203\\.0\\.113\\.199");
    private static final String CHANGES = "hostile-customers";
    private static final String ACTIVITIES = "hostile-activity";
    private static final String PROFILE = "\"first_name\":\"" + FIRST + "\",\"last_name\":\"" + LAST + "\",\"email\":\""
            + EMAIL + "\",\"ip_address\":\"" + ADDRESS + "\"";
    private static final int PER_SECOND = 50;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetAddress NEIGHBOUR = otherLoopbackAddress();

    private static InetAddress otherLoopbackAddress() {
        try {
            return InetAddress.getByName("127.0.0.2");
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> errors = new LinkedHashMap<>();
    private String jdbcUrl;
    private ServiceProcess service;

    @BeforeAll
    void start() {
        jdbcUrl = sandbox.postgres().createDatabase("hostile");
        for (String topic : new String[]{CHANGES, ACTIVITIES, "hostile-offers", "hostile-traces"}) {
            sandbox.kafka().createTopic(topic, 1, Map.of());
            sandbox.kafka().createTopic(topic + "-dead-letter", 1, Map.of());
        }
        service = sandbox.startService("hostile", 0, 0, Map.ofEntries(//
                Map.entry("nbo.stream.instance", "hostile"), //
                Map.entry("nbo.topics.activities", ACTIVITIES), //
                Map.entry("nbo.topics.customers", CHANGES), //
                Map.entry("nbo.topics.offers", "hostile-offers"), //
                Map.entry("nbo.topics.traces", "hostile-traces"), //
                Map.entry("nbo.groups.activities", "hostile"), //
                Map.entry("nbo.groups.customers", "hostile-customers"), //
                Map.entry("nbo.groups.traces", "hostile-traces"), //
                Map.entry("nbo.groups.latest", "hostile-latest"), //
                Map.entry("nbo.parking.timeout", "PT5S"), //
                Map.entry("nbo.http.rate-limit.per-second", Integer.toString(PER_SECOND)), //
                Map.entry("nbo.http.request-timeout", "PT4S"), //
                Map.entry("nbo.live-stream.listeners", "3"), //
                Map.entry("nbo.live-stream.listeners-per-client", "2"), //
                Map.entry("quarkus.log.category.\"io.nextbestoffer\".level", "DEBUG"), //
                Map.entry("quarkus.datasource.jdbc.url", jdbcUrl), //
                Map.entry("quarkus.datasource.reactive.url", jdbcUrl.substring("jdbc:".length()))));
        service.awaitReady(Duration.ofSeconds(60));
    }

    @AfterAll
    void close() {
        if (service != null) {
            service.close();
        }
    }

    @Test
    @Order(1)
    void limitsLiveStreamsPerClient() throws Exception {
        var answer = http.send(request("GET", "/offers/stream", null, Map.of()),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        try (InputStream first = answer.body(); InputStream second = listen()) {
            HttpResponse<String> refused = ask("GET", "/offers/stream?customer=" + FIRST, null);

            assertThat(first).isNotSameAs(second);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(refused.body()).contains("too-many-streams");
        }
    }

    @Test
    @Order(2)
    void limitsRequestsPerClient() throws Exception {
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 5 * PER_SECOND; i++) {
            // A forged address is ignored
            answers.add(http.sendAsync(
                    request("GET", "/offers/" + FIRST, null, Map.of("X-Forwarded-For", "198.51.100." + i)),
                    HttpResponse.BodyHandlers.ofString()));
        }
        List<HttpResponse<String>> refused = answers.stream().map(CompletableFuture::join)
                .filter(answer -> answer.statusCode() == 429).toList();

        assertThat(refused).isNotEmpty().allSatisfy(answer -> {
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
            assertThat(answer.headers().firstValue("RateLimit-Policy")).hasValue("\"client\";q=50;w=1");
            assertThat(answer.headers().firstValue("RateLimit")).hasValue("\"client\";r=0;t=1");
            assertThat(answer.body()).contains("\"type\":\"too-many-requests\"", "\"status\":429");
        });
        await().atMost(TIMEOUT).until(() -> ask("GET", "/offers", null).statusCode() == 200);
        assertThat(metrics()).containsPattern("(?m)^nbo_http_throttled_total \\d+\\.0$");
    }

    @Test
    @Order(3)
    void keepsCallersTextOutOfLabels() throws Exception {
        sendHostileValues("A");
        Set<String> series = series();
        sendHostileValues("B");

        assertThat(series()).isEqualTo(series);
        assertThat(series).anyMatch(one -> one.contains("method=\"OTHER\""));
    }

    /** Sends requests with new values in every part that a caller controls. */
    private void sendHostileValues(String round) throws Exception {
        for (int i = 0; i < 8; i++) {
            String value = FIRST + round + i;
            String method = value.toUpperCase(Locale.ROOT);
            String end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            for (String line : List.of(method + " /offers", method + " /" + value, "GET /" + value,
                    "GET /customers/" + value + "/offer", "GET /offers?category=" + value, "GET /%zz" + value,
                    "PUT /offers/" + value, "GET " + value, method + " *")) {
                exchange(line + end);
            }
            exchange("GET /offers HTTP/1.1\r\nHost: " + value + "\r\nAccept: text/" + value + "\r\nUser-Agent: " + value
                    + "\r\nOrigin: https://" + value + "\r\ntraceparent: " + value
                    + "\r\nConnection: close\r\n\r\n");
            exchange("GET /" + value + " HTTP/1.1\r\nConnection: close\r\n\r\n");
            exchange(method + " /" + value + " HTTP/9." + i + "\r\nHost: x\r\nConnection: close\r\n\r\n");
            reset(method + " /" + value + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
            reset("POST /activities?" + value + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
            exchange(service.managementPort(), LOOPBACK, method + " /q/" + value + end);
        }
    }

    /** Names and labels of all series about requests and decisions. */
    private Set<String> series() throws Exception {
        return metrics().lines().filter(line -> line.matches("(http|nbo)_.*") && !line.contains("status=\"429\""))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    @Order(4)
    void returnsAProblemForRequestsWithoutHost() throws Exception {
        String before = log();
        for (String target : List.of("/customers/" + EMAIL + "/offer", "/" + FIRST)) {
            String answer = exchange("GET " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n");

            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json", "malformed-request")
                    .containsIgnoringCase("x-content-type-options: nosniff")
                    .containsIgnoringCase("x-frame-options: DENY")
                    .containsIgnoringCase("content-security-policy: default-src 'self'")
                    .containsIgnoringCase("cache-control: no-store");
        }
        assertNothingLoggedSince(before);
    }

    private void assertNothingLoggedSince(String before) throws IOException {
        // The service's own components may log a line at DEBUG in the meantime
        assertThat(log().substring(before.length())).doesNotContain("ERROR", "WARN", "Exception", "\tat ", "vertx")
                .hasSizeLessThan(2_000);
    }

    @Test
    @Order(5)
    void endsRequestsThatTakeTooLong() throws Exception {
        long start = System.nanoTime();
        String answer = talkSlowly("POST /activities HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 1000000\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 408 ").contains("application/problem+json", "after 4 s");
        // The service rejects this request at once, but the client continues to send the body
        assertThat(talkSlowly("POST /" + FIRST + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"))
                .startsWith("HTTP/1.1 4");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    /** Sends one byte every 200 ms until the service closes the connection. */
    private String talkSlowly(String request) throws IOException, InterruptedException {
        try (Socket socket = new Socket("localhost", service.httpPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.UTF_8));
            CompletableFuture<byte[]> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int i = 0; i < 100 && !answer.isDone(); i++) {
                Thread.sleep(200);
                try {
                    out.write(' ');
                } catch (SocketException e) {
                    break;
                }
            }
            assertThat(answer).succeedsWithin(Duration.ofSeconds(5));
            return new String(answer.join(), StandardCharsets.UTF_8);
        }
    }

    /** Closes the connection before the body is complete. */
    private void reset(String request) throws IOException {
        try (Socket socket = new Socket("localhost", service.httpPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    @Order(6)
    void doesNotLogRejectedStreams() throws Exception {
        String stream = "GET /offers/stream HTTP/1.1\r\nHost: x\r\n";
        try (InputStream first = listen();
                InputStream second = listen();
                Socket third = new Socket(LOOPBACK, service.httpPort(), NEIGHBOUR, 0)) {
            third.getOutputStream().write((stream + "\r\n").getBytes(StandardCharsets.UTF_8));
            assertThat(third.getInputStream().read()).isEqualTo('H');
            String before = log();
            for (int i = 0; i < 30; i++) {
                assertThat(exchange(service.httpPort(), NEIGHBOUR, stream + "Connection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 503 ").contains("too-many-streams");
            }

            assertThat(first).isNotSameAs(second);
            assertNothingLoggedSince(before);
        }
    }

    @Test
    @Order(7)
    void keepsPersonalDataOutOfErrorsLogsMetricsAndHeaders() throws Exception {
        traffic.send(CHANGES, "{\"customer_id\":1}",
                "{\"customer_id\":1,\"income\":60000,\"fico\":700," + PROFILE + "}");
        traffic.awaitOfferIn("hostile-offers", traffic.send(ACTIVITIES, "1", activity("1", "0.5")));

        var badChanges = List.of(//
                traffic.send(CHANGES, "{\"customer_id\":2}", FIRST + " " + EMAIL),
                traffic.send(CHANGES, FIRST + "\0", "{" + PROFILE + "}"),
                traffic.send(CHANGES, "{}", "{" + PROFILE + "}"),
                traffic.send(CHANGES, "{\"customer_id\":2}", "{\"customer_id\":[\"" + EMAIL + "\"]," + PROFILE + "}"),
                traffic.send(CHANGES, "{\"customer_id\":2}", "{\"op\":\"" + LAST + "\",\"after\":{" + PROFILE + "}}"),
                traffic.send(CHANGES, "{\"customer_id\":2}", "{\"customer_id\":2,\"n\":1e999," + PROFILE + "}"),
                traffic.send(CHANGES, "{\"customer_id\":2}",
                        "{\"customer_id\":2," + PROFILE + "," + PROFILE + "}"));
        var badActivities = List.of(//
                traffic.send(ACTIVITIES, "1", "{\"email\": \"" + EMAIL + "\", " + FIRST),
                traffic.send(ACTIVITIES, "1", activity("1", "\"" + EMAIL + "\"")),
                traffic.send(ACTIVITIES, "1", activity("{\"" + FIRST + "\":\"" + LAST + "\"}", "0.5")),
                traffic.send(ACTIVITIES, "1", activity("1", "1e999")),
                traffic.send(ACTIVITIES, "1", "\"" + EMAIL + "\""),
                // An unknown customer: the activity is parked, and becomes a dead letter after the timeout
                traffic.send(ACTIVITIES, EMAIL, activity("\"" + EMAIL + "\"", "0.5")));
        reject("customer", "attributes");
        traffic.send(CHANGES, "{\"customer_id\":3}",
                "{\"customer_id\":3,\"refused\":1," + PROFILE + "}");
        reject("latest_offer", "decision");
        traffic.awaitOfferIn("hostile-offers",
                traffic.send(ACTIVITIES, "1", activity("1", "0.5").replace("deposit", "refused " + LAST)));
        reject("parked_activity", "customer_id");
        traffic.send(ACTIVITIES, "2", activity("\"refused " + EMAIL + "\"", "0.5"));
        sendInvalidRequests();
        for (String stage : new String[]{"customer-changes", "activities"}) {
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(log()).containsPattern(stage + ": .*PgException.*; rewinding"));
        }
        await().atMost(TIMEOUT).untilAsserted(
                () -> assertThat(log()).containsPattern("view of \\S+: not stored: .*PgException; trying again"));
        accept("customer");
        accept("latest_offer");
        accept("parked_activity");
        traffic.awaitOfferIn("hostile-offers", traffic.send(ACTIVITIES, "1", activity("1", "0.6")));

        badChanges.forEach(position -> traffic.awaitDeadLetter(CHANGES, position));
        badActivities.forEach(position -> traffic.awaitDeadLetter(ACTIVITIES, position));
        for (String topic : new String[]{CHANGES, ACTIVITIES}) {
            traffic.committed(topic + "-dead-letter").forEach(letter -> letter.headers().forEach(header -> assertClean(
                    header.key(), new String(header.value(), StandardCharsets.UTF_8))));
        }
        errors.forEach(HostileClientsIT::assertClean);
        assertThat(errors).hasSizeGreaterThan(15);
        assertClean("metrics", metrics());
        assertThat(metrics()).contains("uri=\"/unmatched\"", "uri=\"/customers/{id}/offer\"");
        assertClean("health", management("/q/health"));
        assertThat(log()).as("sanity check of the file").contains("dead-letter topic");
        assertClean("log", log());
        // Disconnected listeners make room for new ones
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            listen().close();
            return true;
        });
    }

    /** Sends invalid requests of every kind, with personal data in the body or in a value. */
    private void sendInvalidRequests() throws Exception {
        String json = "{" + PROFILE + "}";
        for (String path : new String[]{"/activities", "/recommend", "/recommend/explanation", "/simulations"}) {
            error("POST", path, json);
            error("POST", path, "{\"customer_id\": \"" + EMAIL);
            error("POST", path, "\"" + EMAIL + "\"");
        }
        error("POST", "/activities", "[" + activity("1", "\"" + EMAIL + "\"") + "," + activity("true", "0.5") + "]");
        error("POST", "/recommend", "{\"customer_id\":1,\"age\":\"" + EMAIL + "\"," + PROFILE + "}");
        error("POST", "/simulations", "{\"strategy\":{\"name\":\"banking\",\"version\":1},\"samples\":[{\"activity\":"
                + "\"" + EMAIL + "\",\"customer\":" + json + "}]}");
        error("PUT", "/offers/x", "{\"offer_name\":{\"" + FIRST + "\":1}}");
        error("GET", "/customers?limit=" + LAST, null);
        error("GET", "/customers/1/decisions?before=" + LAST, null);
        error("GET", "/decisions/" + LAST, null);
        error("GET", "/customers/" + EMAIL + "/offer", null);
        error("GET", "/recommend/" + EMAIL, null);
        error("GET", "/offers/" + EMAIL, null);
        error("GET", "/" + FIRST + "/" + LAST, null);
        error("DELETE", "/customers/" + EMAIL, null);
        error("POST", "/activities", activity("1", "0.5"), "Idempotency-Key", FIRST + " " + LAST);
        error("POST", "/activities", activity("1", "0.5"), "Content-Type", "text/" + FIRST);
        error("GET", "/offers", null, "Accept", "text/" + FIRST);
        for (String target : new String[]{"/%zz" + EMAIL, FIRST, "/" + LAST + "%", "http://" + EMAIL + "/" + FIRST}) {
            talk("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
        }
        talk("nonsense of " + LAST + "\r\n\r\n", "");
    }

    /** Sends a request that no client library would send. */
    private void talk(String request, String target) throws Exception {
        String answer = exchange(request);
        assertThat(answer).as(request).matches("(?s)HTTP/1\\.[01] 4.*");
        errors.put(request, withoutPath(target, answer));
    }

    private String exchange(String request) throws Exception {
        return exchange(service.httpPort(), LOOPBACK, request);
    }

    /** Repeats a request that exceeds the rate limit. */
    private static String exchange(int port, InetAddress client, String request) throws Exception {
        while (true) {
            try (Socket socket = new Socket(LOOPBACK, port, client, 0)) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!answer.startsWith("HTTP/1.1 429 ")) {
                    return answer;
                }
            }
            Thread.sleep(100);
        }
    }

    private void error(String method, String path, String body, String... header) throws Exception {
        Map<String, String> headers = header.length == 0 ? Map.of() : Map.of(header[0], header[1]);
        HttpResponse<String> answer = http.send(request(method, path, body, headers),
                HttpResponse.BodyHandlers.ofString());
        while (answer.statusCode() == 429) {
            Thread.sleep(200);
            answer = http.send(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString());
        }
        assertThat(answer.statusCode()).as("%s %s", method, path).isBetween(400, 499);
        errors.put(method + " " + path + " " + errors.size(), withoutPath(path, answer.body()));
    }

    /** Removes the path from an answer: it may quote the id that the caller asked for. */
    private static String withoutPath(String path, String answer) {
        for (String segment : path.split("/")) {
            answer = segment.isEmpty() ? answer : answer.replace(segment, "…");
        }
        return answer;
    }

    private static void assertClean(String what, String text) {
        Matcher personal = PERSONAL.matcher(text.toLowerCase(Locale.ROOT));
        assertThat(personal.find()
                ? text.substring(Math.max(0, personal.start() - 500),
                        Math.min(text.length(), personal.end() + 100))
                : "").as(what).isEmpty();
    }

    private static String activity(String customer, String propensity) {
        return "{\"activity_id\":1,\"customer_id\":" + customer + ",\"activity_type\":\"deposit\","
                + "\"propensity_to_buy\":" + propensity + "," + PROFILE + "}";
    }

    /** Makes Postgres reject certain rows; its messages quote the rows that it rejects. */
    private void reject(String table, String column) throws SQLException {
        sql("alter table " + table + " add constraint refused check (" + column + "::text not like '%refused%')");
    }

    private void accept(String table) throws SQLException {
        sql("alter table " + table + " drop constraint refused");
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "nbo", "nbo");
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private InputStream listen() throws Exception {
        HttpResponse<InputStream> answer = http.send(request("GET", "/offers/stream", null, Map.of()),
                HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("answered " + answer.statusCode());
        }
        return answer.body();
    }

    private HttpResponse<String> ask(String method, String path, String body) throws Exception {
        return http.send(request(method, path, body, Map.of()),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String path, String body, Map<String, String> headers) {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + service.httpPort() + path))
                .method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body))
                .header("X-User", "maria");
        if (!headers.containsKey("Content-Type")) {
            request.header("Content-Type", path.startsWith("/strategies") ? "application/yaml" : "application/json");
        }
        headers.forEach(request::header);
        return request.build();
    }

    private String metrics() throws Exception {
        return management("/q/metrics");
    }

    private String management(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + service.managementPort() + path))
                .build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private String log() throws IOException {
        Path file = sandbox.logs().resolve("hostile.log");
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
