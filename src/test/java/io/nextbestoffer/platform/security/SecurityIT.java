package io.nextbestoffer.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxIssuer;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/** Calls every endpoint with every role and with every kind of invalid token. */
@OwnInfrastructure
class SecurityIT {

    /** Roles that may call each endpoint; docs/security.md has the same table. */
    private static final Map<String, Set<String>> ALLOWED = table("""
            POST   /activities                                      ingest
            GET    /customers                                       operator
            GET    /customers/{id}/decisions                        reader
            GET    /customers/{id}/offer                            reader
            GET    /customers/{id}/offer/explanation                reader
            GET    /decisions/{id}                                  reader
            GET    /decisions/{id}/explanation                      reader
            GET    /offers                                          reader marketer approver
            GET    /offers/stream                                   reader
            GET    /offers/{id}                                     reader marketer approver
            GET    /offers/{id}/history                             reader marketer approver
            PUT    /offers/{id}                                     marketer
            DELETE /offers/{id}                                     marketer
            GET    /products                                        reader marketer approver
            GET    /dead-letters/{topic}                            operator
            POST   /dead-letters/{topic}/replay                     operator
            GET    /dead-letters/{topic}/{partition}/{offset}       operator
            GET    /operations                                      operator
            POST   /operations/customers/reread                     operator
            POST   /operations/latest-offers/rebuild                operator
            GET    /operations/{id}                                 operator
            DELETE /operations/{id}                                 operator
            POST   /operations/{id}/pause                           operator
            POST   /operations/{id}/resume                          operator
            POST   /customers/reconcile                             operator
            POST   /recommend                                       reader
            POST   /recommend/explanation                           reader
            GET    /recommend/{customer_id}                         reader
            GET    /recommend/{customer_id}/explanation             reader
            GET    /simulations                                     marketer approver
            POST   /simulations                                     marketer
            GET    /simulations/{id}                                marketer approver
            DELETE /simulations/{id}                                marketer
            POST   /simulations/{id}/pause                          marketer
            POST   /simulations/{id}/resume                         marketer
            GET    /strategies                                      reader marketer approver
            POST   /strategies                                      marketer
            GET    /strategies/schema                               reader marketer approver
            POST   /strategies/validate                             marketer
            GET    /strategies/{name}                               reader marketer approver
            GET    /strategies/{name}/audit                         reader marketer approver
            GET    /strategies/{name}/diff                          reader marketer approver
            POST   /strategies/{name}/rollback                      marketer
            GET    /strategies/{name}/versions/{version}            reader marketer approver
            DELETE /strategies/{name}/versions/{version}            marketer
            POST   /strategies/{name}/versions/{version}/activate   marketer
            POST   /strategies/{name}/versions/{version}/approve    approver
            GET    /strategies/{name}/versions/{version}/document   reader marketer approver
            """);

    private static final Duration STARTING = Duration.ofSeconds(90);
    private static final int PER_SECOND = 300;
    private static final String NO_TOKEN = "Bearer";
    private static final String INVALID_TOKEN = "Bearer error=\"invalid_token\"";
    private static final String LACKS_ROLE = "Bearer error=\"insufficient_scope\"";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Set<String> SENT = ConcurrentHashMap.newKeySet();

    private static SandboxInfrastructure sandbox;
    private static SandboxIssuer issuer;
    private static ServiceProcess service;
    private static Answer withTokenWhileTheIssuerIsDown;
    private static Answer withoutTokenWhileTheIssuerIsDown;

    private record Answer(int status, String type, String challenge, String body) {
        @Override
        public String toString() {
            return status + " " + body;
        }
    }

    private static Map<String, Set<String>> table(String text) {
        return text.lines().map(line -> line.split(" +")).collect(Collectors.toMap(
                words -> words[0] + " " + words[1], words -> Set.of(words).stream()
                        .filter(Roles.ALL::contains).collect(Collectors.toCollection(TreeSet::new)),
                (one, other) -> one, TreeMap::new));
    }

    @BeforeAll
    static void startWithoutTheIssuer() throws Exception {
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
        issuer = SandboxIssuer.closed();
        var properties = new HashMap<>(issuer.serviceProperties());
        properties.put("quarkus.http.auth.roles-mapping.bank-analysts", "reader");
        properties.put("nbo.http.rate-limit.per-second", Integer.toString(PER_SECOND));
        properties.put("nbo.http.request-timeout", "PT5S");
        service = sandbox.startService("service", 0, 0, properties);
        service.awaitReady(STARTING);
        withTokenWhileTheIssuerIsDown = get("/offers", issuer.sign(issuer.claims("ann", Roles.READER)));
        for (int i = 0; i < 50; i++) {
            get("/offers", "rubbish" + i);
        }
        withoutTokenWhileTheIssuerIsDown = get("/offers", null);
        issuer.open();
        await().atMost(STARTING).until(() -> get("/offers", token(Roles.READER)).status() == 200);
    }

    @AfterAll
    static void stop() {
        try {
            if (service != null) {
                service.stop();
                assertThat(sandbox.logs().resolve("service.log")).content(StandardCharsets.ISO_8859_1)
                        .contains("OIDC server is not available yet").doesNotContain(secrets())
                        .containsOnlyOnce("the identity provider does not answer").doesNotContain("ERROR", "\tat ");
            }
        } finally {
            issuer.close();
            sandbox.close();
        }
    }

    /** The payload and the signature of each token that was sent. */
    private static List<String> secrets() {
        return SENT.stream().flatMap(token -> Stream.of(token.split("\\.")).skip(1)).filter(part -> part.length() > 10)
                .distinct().toList();
    }

    @Test
    void documentsTheRolesOfEveryEndpoint() throws Exception {
        var answer = get("/q/openapi?format=json", token(Roles.OPERATOR));
        assertThat(answer.status()).isEqualTo(200);
        JsonNode document = TestTraffic.json(answer.body().getBytes(StandardCharsets.UTF_8));
        Map<String, JsonNode> operations = operations(document);

        assertThat(operations.keySet()).containsExactlyInAnyOrderElementsOf(ALLOWED.keySet());
        assertThat(docs()).isEqualTo(ALLOWED);
        assertThat(document.at("/components/securitySchemes/token/type").asText()).isEqualTo("http");
        assertThat(document.at("/components/securitySchemes/token/scheme").asText()).isEqualTo("bearer");
        assertThat(operations.values()).allSatisfy(operation -> {
            assertThat(operation.at("/security/0").has("token")).isTrue();
            assertThat(operation.at("/responses/401/description").asText()).isNotBlank();
            assertThat(operation.at("/responses/403/description").asText()).isNotBlank();
        });
    }

    private static Map<String, JsonNode> operations(JsonNode document) {
        var operations = new LinkedHashMap<String, JsonNode>();
        document.get("paths").fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
            if (method.getValue().has("responses")) {
                operations.put(method.getKey().toUpperCase() + " " + path.getKey(), method.getValue());
            }
        }));
        return operations;
    }

    /** Reads the table of docs/security.md: a call, and a mark in the column of each allowed role. */
    private static Map<String, Set<String>> docs() throws IOException {
        var rows = Files.readAllLines(Path.of("docs/security.md")).stream()
                .filter(line -> line.startsWith("|")).map(line -> line.split("\\|", -1)).toList();
        var head = rows.stream().filter(row -> row[1].strip().equals("call")).findFirst().orElseThrow();
        return rows.stream().filter(row -> row[1].strip().matches("`(GET|PUT|POST|DELETE|PATCH) .*`"))
                .collect(Collectors.toMap(row -> row[1].strip().replace("`", ""), row -> IntStream.range(2, head.length)
                        .filter(column -> !row[column].isBlank()).mapToObj(column -> head[column].strip())
                        .collect(Collectors.toCollection(TreeSet::new)), (one, other) -> one, TreeMap::new));
    }

    @Test
    void rejectsInvalidTokens() throws Exception {
        Map<String, String> tokens = invalidTokens();
        for (String call : ALLOWED.keySet()) {
            assertRefused(call(call, null), 401, NO_TOKEN);
            for (var token : tokens.entrySet()) {
                Answer answer = call(call, token.getValue());
                assertThat(answer.status()).as("%s with a token %s", call, token.getKey()).isEqualTo(401);
                assertRefused(answer, 401, INVALID_TOKEN);
            }
        }
        var basic = HttpRequest.newBuilder(uri("/offers")).header("Authorization", "Basic YTpi").build();
        assertRefused(send(basic), 401, NO_TOKEN);
    }

    private static Map<String, String> invalidTokens() {
        var tokens = new LinkedHashMap<String, String>();
        long now = Instant.now().getEpochSecond();
        tokens.put("that is not a JWT", "rubbish");
        tokens.put("that is broken", "e30.e30.e30");
        tokens.put("that is empty", "");
        tokens.put("that expired", issuer.sign(with("exp", now - 1)));
        tokens.put("that never expires", issuer.sign(with("exp", null)));
        tokens.put("that is not valid yet", issuer.sign(with("nbf", now + 600)));
        tokens.put("issued two hours from now", issuer.sign(with("iat", now + 7_200)));
        tokens.put("whose time of issue is a text", issuer.sign(with("iat", "soon")));
        tokens.put("whose expiry is a text", issuer.sign(with("exp", "never")));
        tokens.put("whose subject is a number", issuer.sign(with("sub", 5)));
        tokens.put("whose subject is a list", issuer.sign(with("sub", List.of("a"))));
        tokens.put("whose audience is a number", issuer.sign(with("aud", 5)));
        tokens.put("whose issuer is a list", issuer.sign(with("iss", List.of("a"))));
        tokens.put("with five parts", "e30.e30.e30.e30.e30");
        tokens.put("whose header and claims are lists", base64("[]") + "." + base64("[]") + ".e30");
        tokens.put("whose algorithm is a number", base64("{\"alg\":5}") + ".e30.e30");
        tokens.put("whose key id is an object", base64("{\"alg\":\"RS256\",\"kid\":{}}") + ".e30.e30");
        tokens.put("for another audience", issuer.sign(with("aud", "other")));
        tokens.put("without audience", issuer.sign(with("aud", null)));
        tokens.put("of another issuer", issuer.sign(with("iss", "http://127.0.0.1:1")));
        tokens.put("without issuer", issuer.sign(with("iss", null)));
        tokens.put("signed by another key", issuer.signForeign(all()));
        tokens.put("signed by another key under the issuer's key id", issuer.forge(all()));
        tokens.put("without signature", issuer.unsigned(all()));
        tokens.put("signed with the public key as secret", issuer.signWithPublicKey(all()));
        String[] valid = issuer.sign(all()).split("\\.");
        String[] other = issuer.sign(with("sub", "another")).split("\\.");
        tokens.put("whose content was changed", valid[0] + "." + other[1] + "." + valid[2]);
        tokens.values().forEach(SENT::add);
        return tokens;
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Object> all() {
        return issuer.claims("mallory", Roles.ALL.toArray(String[]::new));
    }

    private static Map<String, Object> with(String claim, Object value) {
        Map<String, Object> claims = all();
        if (value == null) {
            claims.remove(claim);
        } else {
            claims.put(claim, value);
        }
        return claims;
    }

    @Test
    void allowsCallsByRole() throws Exception {
        for (var row : ALLOWED.entrySet()) {
            for (String role : Roles.ALL) {
                Answer answer = call(row.getKey(), token(role));
                if (row.getValue().contains(role)) {
                    assertThat(answer.status()).as("%s as %s: %s", row.getKey(), role, answer).isNotIn(401, 403);
                } else {
                    assertThat(answer.status()).as("%s as %s: %s", row.getKey(), role, answer).isEqualTo(403);
                    assertRefused(answer, 403, LACKS_ROLE);
                }
            }
            assertRefused(call(row.getKey(), token()), 403, LACKS_ROLE);
            assertRefused(call(row.getKey(), token("admin")), 403, LACKS_ROLE);
        }
    }

    @Test
    void mapsRolesOfTheCompany() throws Exception {
        assertThat(get("/offers", token("bank-analysts")).status()).isEqualTo(200);
        assertRefused(get("/customers", token("bank-analysts")), 403, LACKS_ROLE);
    }

    @Test
    void rejectsUnknownPaths() throws Exception {
        for (String path : List.of("/", "/nothing", "/customers/", "/q", "/q/health", "/q/health/ready", "/q/metrics",
                "/q/info", "/q/dev", "/q/openapi", "/q/swagger-ui", "/q/swagger-ui/", "/q/swagger-ui/index.html",
                "/q/arc", "/index.html")) {
            assertRefused(get(path, null), 401, NO_TOKEN);
            assertRefused(get(path, token("admin")), 403, LACKS_ROLE);
        }
        for (String path : List.of("/", "/nothing", "/q/health", "/q/health/ready", "/q/metrics", "/q/info")) {
            assertThat(get(path, token(Roles.ALL.toArray(String[]::new))).status()).as(path).isEqualTo(404);
        }
        assertThat(get("/q/swagger-ui/", token(Roles.INGEST)).status()).isEqualTo(200);
    }

    @Test
    void servesOnlyHealthAndMetricsOnTheManagementPort() throws Exception {
        String management = "http://127.0.0.1:" + service.managementPort();
        for (String path : List.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started",
                "/q/metrics")) {
            assertThat(send(HttpRequest.newBuilder(URI.create(management + path)).build()).status()).as(path)
                    .isEqualTo(200);
        }
        var paths = Stream.concat(ALLOWED.keySet().stream().filter(call -> call.startsWith("GET "))
                .map(call -> path(call.substring(4))), Stream.of("/", "/q/openapi", "/q/swagger-ui", "/q/info"));
        for (String path : Stream.concat(paths, Stream.of("/q/health/group/x", "/q/health/x", "/q/metrics/x"))
                .toList()) {
            var request = HttpRequest.newBuilder(URI.create(management + path))
                    .header("Authorization", "Bearer " + token(Roles.ALL.toArray(String[]::new))).build();
            assertThat(send(request).status()).as(path).isEqualTo(404);
        }
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "XYZ")) {
            for (String path : List.of("/q/health", "/q/metrics")) {
                var request = HttpRequest.newBuilder(URI.create(management + path))
                        .method(method, BodyPublishers.noBody()).build();
                assertThat(send(request).status()).as(method + " " + path).isEqualTo(405);
            }
        }
    }

    @Test
    void takesTheActorFromTheTokenOnly() throws Exception {
        String document = "strategy: signed\nrules: []\notherwise: 5\n";

        Answer saved = save(document, tokenOf("ann", Roles.MARKETER), "bob");
        assertThat(saved.status()).as(saved.body()).isEqualTo(201);
        Map<String, Object> nameless = issuer.claims("ann", Roles.MARKETER);
        nameless.remove("preferred_username");
        assertThat(save(document.replace("5", "1"), issuer.sign(nameless), "bob").status()).isEqualTo(201);

        JsonNode audit = TestTraffic.json(get("/strategies/signed/audit", token(Roles.READER)).body()
                .getBytes(StandardCharsets.UTF_8));
        assertThat(audit.findValuesAsText("who")).containsExactlyInAnyOrder("ann", "id-of-ann");
        for (String name : List.of("jürgen", " ", "a\nb", "x".repeat(101))) {
            Answer answer = save(document.replace("5", "2"), tokenOf(name, Roles.MARKETER), "bob");
            assertThat(answer.status()).as(name).isEqualTo(403);
            assertThat(answer.body()).contains("name-unusable", "quarkus.oidc.token.principal-claim");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"preferred_username", "upn"})
    void rejectsNamesThatAreNotText(String claim) throws Exception {
        for (Object value : List.of(5, List.of("a"), Map.of("a", 1), true)) {
            for (String path : List.of("/customers/471163/offer", "/offers", "/nothing")) {
                Answer answer = get(path, issuer.sign(with(claim, value)));

                assertThat(answer.status()).as("%s %s: %s", claim, value, answer).isEqualTo(403);
                assertThat(answer.type()).isEqualTo("application/problem+json");
                assertThat(answer.body()).contains("name-unusable");
            }
        }
    }

    @Test
    void rejectsRolesThatAreNotText() throws Exception {
        for (Object value : List.of(5, Map.of("reader", 1), List.of(1, Map.of()), List.of(List.of("reader")))) {
            assertThat(get("/offers", issuer.sign(with("groups", value))).status()).as(value.toString())
                    .isIn(401, 403);
        }
    }

    @Test
    void allowsForClockSkew() throws Exception {
        assertThat(get("/offers", issuer.sign(with("iat", Instant.now().getEpochSecond() + 5))).status())
                .isEqualTo(200);
    }

    @Test
    void requiresATokenForTargetsThatAreNotPaths() throws Exception {
        for (String target : List.of("*", "offers", "?a")) {
            assertThat(talk(target, "")).as(target).startsWith("HTTP/1.1 401 ")
                    .contains("application/problem+json").containsIgnoringCase("www-authenticate: Bearer\r\n")
                    .containsIgnoringCase("cache-control: no-store");
            assertThat(talk(target, "Authorization: Bearer " + token(Roles.READER) + "\r\n")).as(target)
                    .startsWith("HTTP/1.1 404 ");
        }
    }

    private static String talk(String target, String headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.httpPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers
                    + "Connection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void limitsRefusedRequestsPerAddress() throws Exception {
        String request = "GET /offers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer rubbish\r\n";
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), service.httpPort(),
                InetAddress.getByName("127.0.0.2"), 0)) {
            socket.setSoTimeout(30_000);
            var sender = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(((request + "\r\n").repeat(3 * PER_SECOND) + request
                            + "Connection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            sender.join();

            assertThat(answers).contains("HTTP/1.1 401 ", "HTTP/1.1 429 ", "too-many-requests");
        }
    }

    @Test
    void closesConnectionsWhoseBodyContinuesAfterARefusal() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", service.httpPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("POST /activities HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n "
                    .getBytes(StandardCharsets.UTF_8));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void forbidsStoringAnswers() throws Exception {
        String token = token(Roles.ALL.toArray(String[]::new));
        for (String call : ALLOWED.keySet()) {
            String[] words = call.split(" ");
            if (!call.endsWith("/stream")) {
                var request = HttpRequest.newBuilder(uri(path(words[1]))).header("Authorization", "Bearer " + token)
                        .method(words[0], BodyPublishers.noBody()).build();
                assertThat(HTTP.send(request, BodyHandlers.discarding()).headers().allValues("Cache-Control")).as(call)
                        .containsExactly("no-store");
            }
        }
    }

    private static Answer save(String document, String token, String user) throws Exception {
        return send(HttpRequest.newBuilder(uri("/strategies")).header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/yaml").header("X-User", user)
                .POST(BodyPublishers.ofString(document)).build());
    }

    @Test
    void endsALiveStreamWithItsToken() throws Exception {
        String token = issuer.token("ann", Duration.ofSeconds(3), Roles.READER);
        long begin = System.nanoTime();
        var listening = HTTP.send(HttpRequest.newBuilder(uri("/offers/stream")).timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + token).build(), BodyHandlers.ofLines());

        assertThat(listening.statusCode()).isEqualTo(200);
        listening.body().forEach(line -> assertThat(line).doesNotStartWith("data"));

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void startsAndDecidesWithoutTheIdentityProvider() throws Exception {
        // Answers from before the start of the issuer, when the service was already ready
        assertThat(withTokenWhileTheIssuerIsDown.status()).isEqualTo(503);
        assertThat(withTokenWhileTheIssuerIsDown.type()).isEqualTo("application/problem+json");
        assertThat(withTokenWhileTheIssuerIsDown.body()).contains("identity provider");
        assertRefused(withoutTokenWhileTheIssuerIsDown, 401, NO_TOKEN);
        assertThat(get("/offers", token(Roles.READER)).status()).isEqualTo(200);

        issuer.close();
        try (var traffic = new TestTraffic(sandbox.kafka())) {
            traffic.awaitOffer(traffic.activity(1, 1, "deposit", 0.5));
            assertThat(get("/customers/1/offer", token(Roles.READER)).status()).as("keys are cached")
                    .isEqualTo(200);
            assertRefused(get("/offers", issuer.signForeign(all())), 401, INVALID_TOKEN);
        } finally {
            issuer.open();
        }
    }

    /** SecondPersonIT tests the warning of a service without tokens. */
    @Test
    void rejectsAConfigurationThatCannotCheckTokens() {
        var anyAudience = new HashMap<>(issuer.serviceProperties());
        anyAudience.put("quarkus.oidc.token.audience", "any");

        CompletableFuture.allOf(
                CompletableFuture.runAsync(() -> assertStops("nothing", Map.of("nbo.security.enabled", "true"),
                        "quarkus.oidc.auth-server-url must be", "quarkus.oidc.token.audience must name",
                        "nbo.security.enabled=false")),
                CompletableFuture.runAsync(() -> assertStops("any", anyAudience,
                        "quarkus.oidc.token.audience must name")))
                .join();
    }

    private static void assertStops(String log, Map<String, String> properties, String... messages) {
        try (ServiceProcess stopping = sandbox.startService(log, 0, 0, properties)) {
            assertThatThrownBy(() -> stopping.awaitReady(STARTING)).hasMessageContaining("the service ended with 1");
            assertThat(sandbox.logs().resolve(log + ".log")).content(StandardCharsets.ISO_8859_1).contains(messages);
        }
    }

    /** Expects a problem detail that contains neither the exact reason nor what the caller sent. */
    private static void assertRefused(Answer answer, int status, String challenge) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.challenge()).isEqualTo(challenge);
        assertThat(answer.body()).contains("\"status\":" + status, "\"title\"", "\"detail\"")
                .doesNotContainIgnoringCase("expired").doesNotContain("mallory", "jose", "JWT", "aud");
    }

    private static String token(String... roles) {
        return tokenOf("ann", roles);
    }

    private static String tokenOf(String name, String... roles) {
        return issuer.sign(issuer.claims(name, roles));
    }

    private static Answer get(String path, String token) throws Exception {
        return call("GET " + path, token);
    }

    /** Uses ids that do not exist, and an empty JSON object as the body. */
    private static Answer call(String call, String token) throws Exception {
        String[] words = call.split(" ");
        boolean body = words[0].startsWith("P");
        var request = HttpRequest.newBuilder(uri(path(words[1]))).timeout(Duration.ofSeconds(20)).method(words[0],
                body ? BodyPublishers.ofString("{}") : BodyPublishers.noBody());
        if (body) {
            request.header("Content-Type", "application/json");
        }
        if (token != null) {
            SENT.add(token);
            request.header("Authorization", "Bearer " + token);
        }
        return send(request.build());
    }

    private static String path(String template) {
        return template.replaceAll("\\{(version|partition|offset)}", "1").replaceAll("\\{\\w+}",
                "00000000-0000-4000-8000-000000000000");
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + service.httpPort() + path);
    }

    /** Repeats a request that exceeds the rate limit. */
    private static Answer send(HttpRequest request) throws Exception {
        HttpResponse<InputStream> response = HTTP.send(request, BodyHandlers.ofInputStream());
        while (response.statusCode() == 429) {
            Thread.sleep(100);
            response = HTTP.send(request, BodyHandlers.ofInputStream());
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        try (InputStream body = response.body()) {
            return new Answer(response.statusCode(), type,
                    response.headers().firstValue("WWW-Authenticate").orElse(null),
                    type.startsWith("text/event-stream")
                            ? ""
                            : new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
