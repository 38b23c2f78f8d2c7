package io.nextbestoffer.governance;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.ValidatableResponse;

/** Tests the management of strategies over REST. Each test uses its own names, or restores the active strategies. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class StrategiesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String YAML = "application/yaml";
    private static final String REASON = "{\"reason\": \"test\"}";
    private static final String SMALL = "strategy: %s\nrules: []\notherwise: %s\n";

    @FromSandbox
    TestTraffic traffic;

    @FromSandbox
    SandboxInfrastructure sandbox;

    @BeforeEach
    void awaitCustomer() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":9100}",
                "{\"customer_id\":9100,\"income\":40000,\"fico\":700}");
        await().atMost(TIMEOUT).untilAsserted(() -> given().queryParam("after", "910").when().get("/customers").then()
                .body("customers.customer_id", hasItem(9100)));
    }

    private static String banking() {
        try (var in = StrategiesIT.class.getResourceAsStream("/strategies/banking.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ValidatableResponse post(String user, String document) {
        return given().header("X-User", user).contentType(YAML).body(utf8(document)).when().post("/strategies").then();
    }

    private static ValidatableResponse act(String user, String path) {
        return given().header("X-User", user).contentType("application/json").body(REASON).when()
                .post("/strategies/" + path).then();
    }

    private static int save(String document) {
        return post("ann", document).statusCode(201).extract().path("version");
    }

    private static void awaitActive(String strategy, int version) {
        await().atMost(TIMEOUT).untilAsserted(() -> when().get("/strategies").then()
                .body("find { it.strategy == '" + strategy + "' }.active", is(version))
                .body("find { it.strategy == '" + strategy + "' }.scheduled", nullValue()));
    }

    private JsonNode decide(int activity) {
        return traffic.awaitOffer(traffic.activity(9100, activity, "deposit", 0.5));
    }

    private static String uses(Connection nbo, String strategy) throws SQLException {
        try (Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery("""
                        select string_agg(version || ':' || offer_id, ' ' order by version, offer_id) from offer_use
                        where strategy = '%s' and (until is null or until > now())
                        """.formatted(strategy))) {
            found.next();
            return found.getString(1);
        }
    }

    @Test
    void listsTheShippedStrategies() {
        when().get("/strategies").then().statusCode(200)
                .body("strategy", hasItems("banking", "insurance", "private-banking", "routing"))
                .body("find { it.strategy == 'banking' }.kind", is("first-match"))
                .body("find { it.strategy == 'banking' }.active", is(1))
                .body("find { it.strategy == 'banking' }.description", containsString("Savings"))
                .body("find { it.strategy == 'private-banking' }.kind", is("rank"))
                .body("find { it.strategy == 'insurance' }.active", nullValue())
                .body("find { it.strategy == 'insurance' }.newest", is(1))
                .body("find { it.strategy == 'routing' }.kind", is("routing"));
        when().get("/strategies/banking/versions/1").then().statusCode(200).body("author", is("next-best-offer"))
                .body("document", equalTo(banking())).body("findings.severity", hasItem("warning"))
                .body("findings.message", hasItem(containsString("auto-loan-for-high-income can never fire")));
    }

    @Test
    void validatesStoresActivatesAndRollsBackADraft() {
        // Given
        String changed = banking().replace("rule: checking-for-low-income", "rule: checking-for-all")
                .replace("customer.income < 50000 &&", "customer.income < 50001 &&");
        given().contentType(YAML).body(utf8(changed)).when().post("/strategies/validate").then().statusCode(200)
                .body("strategy", is("banking")).body("findings.severity", not(hasItem("error")));
        JsonNode before = decide(1);
        assertThat(before.get("strategy_version").asInt()).isEqualTo(1);

        // When
        int version = given().header("X-User", "ann").contentType(YAML).queryParam("comment", "checking for all")
                .body(utf8(changed)).when().post("/strategies").then().statusCode(201)
                .header("Location", containsString("/strategies/banking/versions/"))
                .body("state", is("draft")).body("author", is("ann")).body("comment", is("checking for all"))
                .body("approvals", empty()).body("findings.severity", hasItem("warning"))
                .extract().path("version");
        post("bob", changed).statusCode(200).body("version", is(version)).body("author", is("ann"));
        act("bob", "banking/versions/" + version + "/activate").statusCode(200)
                .body("effective_at", notNullValue()).body("version", is(version));
        when().get("/strategies/banking/versions/" + version).then().body("state", is("scheduled"));
        act("bob", "banking/versions/" + version + "/activate").statusCode(409).body("type", is("already-active"));
        awaitActive("banking", version);

        // Then
        JsonNode after = decide(2);
        assertThat(after.get("strategy_version").asInt()).isEqualTo(version);
        assertThat(after.get("rule").asText()).isEqualTo("checking-for-all");
        when().get("/strategies/banking").then().statusCode(200)
                .body("versions[0].version", is(version)).body("versions[0].state", is("active"))
                .body("versions.find { it.version == 1 }.state", is("retired"));

        act("ann", "banking/rollback").statusCode(200).body("version", is(1));
        awaitActive("banking", 1);
        await().atMost(TIMEOUT).untilAsserted(() -> when().get("/customers/9100/offer/explanation").then()
                .body("decision.strategy_version", is(version))
                .body("candidates.rule", hasItem("checking-for-all")));
        assertThat(decide(3).get("rule").asText()).isEqualTo("checking-for-low-income");
        act("ann", "banking/rollback").statusCode(409).body("type", is("nothing-before"));
        when().get("/strategies/banking/audit").then().statusCode(200)
                .body("entries.findAll { it.version == " + version + " }.action",
                        contains("retired", "activated", "created"))
                .body("entries[0].who", is("ann")).body("entries.action", hasItem("rolled-back"))
                .body("entries.find { it.action == 'activated' }.reason", is("test"));
    }

    /** Each row replaces one text of the shipped document. */
    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    strategy: banking | strategi: banking | 2 | 1 | unknown key strategi: did you mean strategy?
                    strategy: banking | strategy: Banking | 2 | 11 | strategy must be a name of 1 to 64 characters
                    strategy: banking | strategy: routing | 2 | 11 | a strategy can't be named routing
                    fico: int | fico: integer | 12 | 11 | unknown type integer
                    offer: 2 | ofer: 2 | 18 | 5 | a rule has no offer, which is mandatory
                    otherwise: 5 | other: 5 | 2 | 1 | the document has no otherwise, which is mandatory
                    customer.income < 50000 | customer.incom < 50000 | 19 | 11 | did you mean customer.income?
                    customer.income < 50000 | customer.income < "x" | 19 | 27 | < can't be applied to (int, string)
                    customer.income < 50000 | customer.income < | 19 | 29 | unexpected &&
                    checking-for-low-income | otherwise | 18 | 11 | a rule can't be named otherwise
                    - customer.fico | - customer.fica | 36 | 5 | customer.fica: did you mean customer.fico?
                    customer.income < 50000 | !customer.income | 19 | 29 | put the whole value in quotes
                    """)
    void rejectsAnInvalidDocumentWithLineAndColumn(String text, String replacement, int line, int column,
            String message) {
        String broken = banking().replace(text, replacement);

        for (String path : List.of("/strategies", "/strategies/validate")) {
            given().header("X-User", "ann").contentType(YAML).body(utf8(broken)).when().post(path).then()
                    .statusCode(400).contentType("application/problem+json").body("type", is("invalid-strategy"))
                    .body("problems[0].message", containsString(message)).body("problems[0].line", is(line))
                    .body("problems[0].column", is(column));
        }
    }

    @Test
    void acceptsJsonAndYamlAndReturnsThemUnchanged() {
        String json = "{\n\t\"strategy\": \"as-json\", \"rules\": [], \"otherwise\": 5, \"description\": \"Grüße\"}";
        given().header("X-User", "ann").contentType("application/json").body(utf8(json))
                .when().post("/strategies").then().statusCode(201).body("description", is("Grüße"));
        String yaml = "# Grüße\r\n" + SMALL.formatted("as-json", "5");
        given().header("X-User", "ann").contentType("text/plain; charset=UTF-8").body(utf8(yaml)).when()
                .post("/strategies").then().statusCode(201).body("version", is(2));

        assertThat(when().get("/strategies/as-json/versions/1/document").then().statusCode(200)
                .contentType(startsWith("application/json")).extract().asByteArray())
                .isEqualTo(utf8(json));
        assertThat(when().get("/strategies/as-json/versions/2/document").then().statusCode(200)
                .contentType(startsWith(YAML)).extract().asByteArray())
                .isEqualTo(utf8(yaml));
        given().header("X-User", "ann").contentType("application/xml").body("<x/>").when().post("/strategies").then()
                .statusCode(415);
        given().queryParam("limit", 1).when().get("/strategies/as-json").then()
                .body("versions.version", contains(2)).body("next", is(2));
        given().queryParam("limit", 1).queryParam("before", 2).when().get("/strategies/as-json").then()
                .body("versions.version", contains(1)).body("next", nullValue());
    }

    @Test
    void rejectsActivatingAVersionThatCannotDecide() {
        int strategy = save(SMALL.formatted("lacks-offers", "55"));
        act("ann", "lacks-offers/versions/" + strategy + "/activate").statusCode(409)
                .body("type", is("not-activatable")).body("findings[0].severity", is("error"))
                .body("findings[0].message", containsString("offer 55 is not in the catalog: did you mean 5?"))
                .body("findings[0].line", is(3));
        int routing = save("routes: []\ndefault: bankin\n");
        act("ann", "routing/versions/" + routing + "/activate").statusCode(409)
                .body("findings[0].message", is("no version of strategy bankin is active: did you mean banking?"));

        when().get("/strategies/lacks-offers/versions/" + strategy).then().body("state", is("draft"));
        given().header("X-User", "ann").when().delete("/strategies/routing/versions/" + routing).then()
                .statusCode(204);
        when().get("/strategies/routing/versions/" + routing).then().body("state", is("discarded"));
        act("ann", "routing/versions/" + routing + "/activate").statusCode(409).body("type", is("discarded"));
        given().header("X-User", "ann").when().delete("/strategies/routing/versions/1").then().statusCode(409)
                .body("type", is("not-a-draft"));
    }

    @Test
    void decidesByTheStrategyThatTheRoutingSelects() {
        int strategy = save(SMALL.formatted("for-mobile", "2"));
        act("ann", "for-mobile/versions/" + strategy + "/activate").statusCode(200);
        int routing = save("""
                attributes:
                  activity: {activity_type: string}
                routes:
                - {when: activity.activity_type == "mobile_open", strategy: for-mobile}
                default: banking
                """);
        act("ann", "routing/versions/" + routing + "/activate").statusCode(200);
        awaitActive("routing", routing);

        JsonNode mobile = traffic.awaitOffer(traffic.activity(9100, 20, "mobile_open", 0.5));

        assertThat(mobile.get("strategy").asText()).isEqualTo("for-mobile");
        assertThat(mobile.get("offer_id").asInt()).isEqualTo(2);
        assertThat(decide(21).get("strategy").asText()).isEqualTo("banking");
        act("ann", "routing/rollback").statusCode(200).body("version", is(1));
        awaitActive("routing", 1);
    }

    @Test
    void rejectsChangesOfOffersThatActiveStrategiesNeed() throws SQLException {
        given().header("X-User", "ann").when().delete("/offers/2").then().statusCode(409)
                .body("type", is("offer-in-use")).body("strategies.strategy", hasItem("banking"));
        given().contentType("application/json").body("""
                {"offer_name": "no_offer", "offer_url": "http://example.org", "valid_until": "2030-01-01T00:00:00Z"}""")
                .when().put("/offers/5").then().statusCode(400).body("violations[0].message",
                        containsString(
                                "strategy banking could no longer decide: offer 5 is chosen if nothing else is"));

        int first = save(SMALL.formatted("uses-offers", "1"));
        int second = save(SMALL.formatted("uses-offers", "2"));
        try (Connection nbo = sandbox.postgres().connectToNbo()) {
            act("ann", "uses-offers/versions/" + first + "/activate").statusCode(200);
            assertThat(uses(nbo, "uses-offers")).isEqualTo("1:1");
            act("ann", "uses-offers/versions/" + second + "/activate").statusCode(200);
            assertThat(uses(nbo, "uses-offers")).as("both, until the second one takes effect").isEqualTo("1:1 2:2");
            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(uses(nbo, "uses-offers")).isEqualTo("2:2"));
            act("ann", "uses-offers/rollback").statusCode(200);
            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(uses(nbo, "uses-offers")).isEqualTo("1:1"));
        }
    }

    @Test
    void activatesOnceIfRequestsAreConcurrent() {
        int version = save(SMALL.formatted("at-once", "1"));
        Supplier<Integer> activate = () -> act("ann", "at-once/versions/" + version + "/activate").extract()
                .statusCode();

        List<CompletableFuture<Integer>> all = Stream.generate(() -> CompletableFuture.supplyAsync(activate)).limit(4)
                .toList();

        assertThat(all.stream().map(CompletableFuture::join).sorted().collect(Collectors.toList()))
                .containsExactly(200, 409, 409, 409);
        when().get("/strategies/at-once/audit").then().body("entries.action", contains("activated", "created"));
    }

    @Test
    void returnsTheDifferencesBetweenVersions() {
        save(SMALL.formatted("differs", "1"));
        save(SMALL.formatted("differs", "2"));

        for (String accept : List.of("text/plain", "*/*")) {
            given().accept(accept).queryParam("from", 1).queryParam("to", 2).when().get("/strategies/differs/diff")
                    .then().statusCode(200).contentType(startsWith("text/plain")).body(is("""
                            --- differs 1
                            +++ differs 2
                            @@ -1,3 +1,3 @@
                             strategy: differs
                             rules: []
                            -otherwise: 1
                            +otherwise: 2
                            """));
        }
        given().accept("application/json").queryParam("from", 1).queryParam("to", 2).when()
                .get("/strategies/differs/diff").then().statusCode(200).body("", hasSize(1))
                .body("[0].from_line", is(3)).body("[0].removed", contains("otherwise: 1"))
                .body("[0].added", contains("otherwise: 2"));
        given().accept("application/json").queryParam("from", 1).when().get("/strategies/differs/diff").then()
                .statusCode(400).body("violations[0].field", is("to"));
        given().queryParam("from", 1).queryParam("to", 3).when().get("/strategies/differs/diff").then()
                .statusCode(404).body("type", is("version-unknown"));
    }

    @Test
    void answers404WithASuggestion() {
        for (String path : List.of("", "/versions/1", "/versions/1/document", "/audit")) {
            when().get("/strategies/bankng" + path).then().statusCode(404).body("type", is("strategy-unknown"))
                    .body("detail", is("There is no strategy bankng: did you mean banking?"));
        }
        act("ann", "bankng/rollback").statusCode(404).body("type", is("strategy-unknown"));
        when().get("/strategies/insurance/versions/7").then().statusCode(404).body("type", is("version-unknown"))
                .body("detail", is("Strategy insurance has no version 7; the newest one is 1."));
        for (String action : List.of("activate", "approve")) {
            act("ann", "insurance/versions/7/" + action).statusCode(404).body("type", is("version-unknown"));
        }
        given().urlEncodingEnabled(false).when().get("/strategies/%00/versions/1").then().statusCode(400);
        when().get("/strategies/banking/versions/0").then().statusCode(400);
        when().get("/strategies/banking/versions/99999999999").then().statusCode(404);
    }

    @Test
    void requiresAUserAndAReason() {
        for (String user : new String[]{null, "", "x".repeat(101), "tab\there"}) {
            var request = given().contentType(YAML).body(utf8(SMALL.formatted("without-user", "1")));
            (user == null ? request : request.header("X-User", user)).when().post("/strategies").then()
                    .statusCode(400).body("violations[0].field", is("X-User"));
        }
        for (String body : List.of("", "{}", "[]", "{\"reason\": \"\"}", "{\"reason\": 7}",
                "{\"reason\": \"" + "x".repeat(501) + "\"}", "{\"reason\": \"\\u0000\"}")) {
            given().header("X-User", "ann").contentType("application/json").body(body).when()
                    .post("/strategies/banking/versions/1/activate").then().statusCode(400)
                    .body("type", is("invalid-input"));
        }
        given().header("X-User", "ann").contentType("application/json").body("{\"why\": \"x\"}").when()
                .post("/strategies/banking/rollback").then().statusCode(400)
                .body("violations.field", contains("why", "reason"));
        given().header("X-User", "ann").contentType(YAML).queryParam("comment", "\0")
                .body(utf8(SMALL.formatted("without-user", "1"))).when().post("/strategies").then().statusCode(400);
        when().get("/strategies/without-user").then().statusCode(404);
    }

    @Test
    void rejectsAnApprovalByTheAuthor() {
        int version = save(SMALL.formatted("approved", "1"));
        String path = "approved/versions/" + version;

        act("ann", path + "/approve").statusCode(409).body("type", is("own-version"));
        act("bob", path + "/approve").statusCode(200).body("approvals.approved_by", contains("bob"))
                .body("approvals[0].comment", is("test"));
        act("bob", path + "/approve").statusCode(200).body("approvals", hasSize(1));

        when().get("/strategies/approved/audit").then().body("entries.action", contains("approved", "created"));
        given().queryParam("limit", 1).when().get("/strategies/approved/audit").then()
                .body("entries.action", contains("approved")).body("next", notNullValue());
    }

    @Test
    void servesTheSchemaAndOpenApi() {
        when().get("/strategies/schema").then().statusCode(200).contentType(startsWith("application/schema+json"))
                .body("$schema", endsWith("2020-12/schema"));
        given().accept("application/json").when().get("/q/openapi").then().statusCode(200)
                .body("paths", hasKey("/strategies/{name}/versions/{version}/activate"))
                .body("paths.'/strategies'.post.parameters.name", hasItems("X-User", "comment"))
                .body("paths.'/strategies'.post.requestBody.content", hasKey(YAML));
    }
}
