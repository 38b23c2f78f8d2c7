package io.nextbestoffer.history;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;

/** Past decisions can be looked up until they are too old or their customer is erased. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class DecisionHistoryIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    private void known(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":%d}".formatted(customer),
                "{\"customer_id\":%d,\"income\":60000,\"fico\":700}".formatted(customer));
        await().atMost(SOON)
                .untilAsserted(() -> decisions(customer).statusCode(200).body("decisions", empty()));
    }

    private void erased(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":%d}".formatted(customer), null);
        await().atMost(SOON).untilAsserted(
                () -> decisions(customer).statusCode(404).body("type", is("customer-unknown")));
    }

    private static ValidatableResponse decisions(int customer) {
        return when().get("/customers/" + customer + "/decisions").then();
    }

    private static ValidatableResponse decision(Object id) {
        return when().get("/decisions/" + id).then();
    }

    private static void awaitStored(RecordPosition activity) {
        await().atMost(SOON).untilAsserted(() -> decision(activity.decisionId()).statusCode(200));
    }

    private static String record(UUID id, int customer, Instant time) {
        return """
                {"decision":{"activity_id":1,"customer_id":%d,"offer_id":5,"decision_id":"%s","strategy":"other",\
                "strategy_version":2,"decided_at":"%s"},"inputs":{"customer":{"x":1.0}}}
                """.formatted(customer, id, time);
    }

    private String nbo(String sql) {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void returnsADecisionAsItWasSent() {
        known(910);
        RecordPosition activity = traffic.activity(910, 1, "deposit", 0.5);
        JsonNode offer = traffic.awaitOffer(activity);

        awaitStored(activity);

        String found = decision(activity.decisionId()).contentType("application/json").extract().asString();
        String wentOut = traffic.committed(SandboxTopics.OFFERS).stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .filter(json -> json.contains(activity.decisionId().toString())).findAny().orElseThrow();
        assertThat(found).isEqualTo("{\"decision\":" + wentOut + "}");
        assertThat(offer.get("offer_id").asInt()).isEqualTo(3);
    }

    @Test
    void returnsADecisionThatWasParked() {
        RecordPosition activity = traffic.activity(917, 1, "deposit", 0.5);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                nbo("select count(*) from parked_activity where customer_id = '917'")).isEqualTo("1"));

        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":917}",
                "{\"customer_id\":917,\"income\":60000,\"fico\":700}");

        awaitStored(activity);
        decision(activity.decisionId()).body("decision.activity_id", is(1));
    }

    @Test
    void decidesWhileDecisionsCannotBeStored() throws SQLException {
        known(920);
        RecordPosition activity;
        try (Connection nbo = sandbox.postgres().connectToNbo(); Statement statement = nbo.createStatement()) {
            nbo.setAutoCommit(false);
            statement.execute("lock table decision_block in exclusive mode");

            activity = traffic.activity(920, 1, "deposit", 0.5);
            await().atMost(SOON)
                    .until(() -> !nbo("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                            .equals("0"));
            traffic.awaitOffer(traffic.activity(920, 2, "deposit", 0.5));

            decision(activity.decisionId()).statusCode(404);
        }
        awaitStored(activity);
    }

    @Test
    void returnsInputsThatTheOfferLacks() {
        known(911);
        UUID id = UUID.randomUUID();

        traffic.send(SandboxTopics.TRACES, null, record(id, 911, Instant.now()));

        await().atMost(SOON).untilAsserted(() -> decision(id).statusCode(200).body("inputs.customer.x", equalTo(1.0f))
                .body("decision.strategy", is("other")));
    }

    @Test
    void listsDecisionsForACustomerNewestFirst() {
        known(912);
        List<RecordPosition> activities = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            activities.add(traffic.activity(912, i, "deposit", 0.5));
        }
        await().atMost(SOON).untilAsserted(() -> decisions(912).body("decisions", hasSize(25)));

        decisions(912).body("next", nullValue()).body("decisions[0].offer_id", is(3))
                .body("decisions[0].offer_name", is("new_home_loan")).body("decisions[0].strategy", is("banking"))
                .body("decisions[0].strategy_version", is(1))
                .body("decisions[0].rule", is("home-loan-for-good-credit"));
        List<Integer> read = new ArrayList<>();
        String next = "9999-01-01T00:00:00Z";
        while (next != null) {
            JsonPath page = given().queryParam("limit", 7).queryParam("before", next).when()
                    .get("/customers/912/decisions").then().statusCode(200).extract().jsonPath();
            assertThat(page.getList("decisions")).hasSizeLessThanOrEqualTo(7);
            read.addAll(page.getList("decisions.activity_id", Integer.class));
            next = page.getString("next");
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 25).boxed().toList());
        List<String> times = decisions(912).extract().jsonPath().getList("decisions.decided_at", String.class);
        assertThat(times.stream().map(Instant::parse)).isSortedAccordingTo((one, other) -> other.compareTo(one));
        assertThat(activities).allSatisfy(activity -> decision(activity.decisionId()).statusCode(200));
    }

    @Test
    void namesInvalidParameters() {
        decision("1").statusCode(400).contentType("application/problem+json")
                .body("violations[0].message", is("must be a UUID"));
        decision(UUID.randomUUID()).statusCode(404).body("type", is("decision-unknown"))
                .body("detail", containsString("may not be stored yet"));
        decisions(919).statusCode(404).body("type", is("customer-unknown"));
        given().urlEncodingEnabled(false).when().get("/customers/x%00/decisions").then().statusCode(400);
        for (var wrong : List.of(Map.of("limit", "0"), Map.of("limit", "1001"), Map.of("before", "yesterday"),
                Map.of("before", "2026-02-30T00:00:00Z"), Map.of("before", "2026-01-01T00:00:00Z,1"))) {
            given().queryParams(wrong).when().get("/customers/912/decisions").then().statusCode(400)
                    .contentType("application/problem+json")
                    .body("violations[0].field", is(wrong.keySet().iterator().next()));
        }
    }

    @Test
    void erasesDecisionsWithTheirCustomer() {
        known(913);
        RecordPosition activity = traffic.activity(913, 1, "deposit", 0.5);
        awaitStored(activity);
        UUID late = UUID.randomUUID();
        UUID marker = UUID.randomUUID();

        erased(913);
        traffic.send(SandboxTopics.TRACES, null, record(late, 913, Instant.now()));
        known(914);
        traffic.send(SandboxTopics.TRACES, null, record(marker, 914, Instant.now()));

        decision(activity.decisionId()).statusCode(404);
        await().atMost(SOON).untilAsserted(() -> decision(marker).statusCode(200));
        awaitAllRead();
        decision(late).statusCode(404);
        try (var log = new DecisionLogAccess(sandbox.postgres())) {
            assertThat(log.ofCustomer("913")).isEmpty();
        }
    }

    /** Sends a marker to each partition of the topic, because partitions are read independently. */
    private void awaitAllRead() {
        known(918);
        UUID mark = UUID.randomUUID();
        Instant now = Instant.now();
        int partitions = 6;
        for (int i = 0; i < partitions; i++) {
            traffic.sendTo(SandboxTopics.TRACES, i, record(new UUID(mark.getMostSignificantBits(), i), 918, now));
        }
        for (int i = 0; i < partitions; i++) {
            UUID id = new UUID(mark.getMostSignificantBits(), i);
            await().atMost(SOON).untilAsserted(() -> decision(id).statusCode(200));
        }
        erased(918);
    }

    @Test
    void neitherStoresNorKeepsOldDecisions() {
        known(915);
        UUID old = UUID.randomUUID();
        UUID last = UUID.randomUUID();
        Instant now = Instant.now();

        traffic.send(SandboxTopics.TRACES, null, record(old, 915, now.minus(Duration.ofDays(31)))
                + record(last, 915, now.minus(Duration.ofDays(30))));

        await().atMost(SOON).untilAsserted(() -> decision(last).statusCode(200));
        decision(old).statusCode(404);
        // A replica with a shorter retention drops more partitions when it starts
        try (ServiceProcess brief = sandbox.startService("brief", 0, 0,
                Map.of("nbo.traces.retention", "P2D", "nbo.traces.store", "false", "nbo.stream.instance", "brief"))) {
            brief.awaitReady(Duration.ofSeconds(90));
            await().atMost(SOON).untilAsserted(() -> decision(last).statusCode(404));
        }
        assertThat(nbo("select count(*) from pg_inherits where inhparent = 'decision_block'::regclass"))
                .isIn("1", "2", "3");
    }

    @Test
    void makesDeadLettersOfUnreadableRecordsAndStoresTheOthers() {
        known(916);
        UUID before = UUID.randomUUID();
        UUID beside = UUID.randomUUID();
        UUID after = UUID.randomUUID();
        Instant now = Instant.now();

        traffic.sendTo(SandboxTopics.TRACES, 0, record(before, 916, now));
        RecordPosition wrong = traffic.sendTo(SandboxTopics.TRACES, 0,
                record(beside, 916, now) + "{\"decision\":{}}\n");
        RecordPosition future = traffic.sendTo(SandboxTopics.TRACES, 0,
                record(beside, 916, now.plus(Duration.ofDays(2))));
        traffic.sendTo(SandboxTopics.TRACES, 0, record(after, 916, now) + record(after, 916, now));

        var letter = traffic.awaitDeadLetter(SandboxTopics.TRACES, wrong);
        assertThat(TestTraffic.header(letter, "dead-letter-reason")).isEqualTo("unreadable");
        assertThat(TestTraffic.header(letter, "dead-letter-cause")).isEqualTo("line 2: decision_id must be a UUID");
        assertThat(TestTraffic.header(traffic.awaitDeadLetter(SandboxTopics.TRACES, future), "dead-letter-cause"))
                .contains("must not be in the future");
        await().atMost(SOON).untilAsserted(() -> decision(after).statusCode(200));
        decision(before).statusCode(200);
        decision(beside).statusCode(404);
        decisions(916).body("decisions", hasSize(2));
    }
}
