package io.nextbestoffer.maintenance;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import io.nextbestoffer.history.DecisionLogAccess;
import io.nextbestoffer.history.LoggedDecision;
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

/** Tests operations on a broker, a database and a Debezium that other tests have used. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MaintenanceIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String REBUILD = "/operations/latest-offers/rebuild";
    private static final String PROFILE = "{\"customer_id\":%d,\"income\":60000,\"fico\":700}";

    private static final OperationCalls OPERATIONS = new OperationCalls(() -> given().header("X-User", "otto"));

    /** Activities of unknown customers. They are sent first, because they expire after 20 s. */
    private static RecordPosition early;
    private static RecordPosition erased;

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    @Test
    @Order(1)
    void parksActivitiesOfUnknownCustomers() throws SQLException {
        early = traffic.activity(8700, 1, "deposit", 0.5);
        erased = traffic.activity(8701, 1, "deposit", 0.5);
        await().atMost(TIMEOUT).until(() -> count("parked_activity where customer_id = '8701'") == 1);
        traffic.send(SandboxTopics.CUSTOMERS, key(8701), null);
    }

    @Test
    @Order(2)
    void rebuildsIdenticalLatestOffers() throws SQLException {
        // Given
        for (int customer = 8500; customer < 8503; customer++) {
            createCustomer(customer);
            traffic.awaitOffer(traffic.activity(customer, 1, "deposit", 0.5));
        }
        RecordPosition last = traffic.activity(8500, 2, "deposit", 0.95);
        traffic.awaitOffer(last);
        awaitLatestOffer(8500, 2);
        // One customer was deleted, one was deleted and created again
        deleteCustomer(8501);
        deleteCustomer(8502);
        createCustomer(8502);
        assertThat(offerHeaders(last)).isEqualTo("1 " + last.partition() + "/" + last.offset());

        try (Connection nbo = sandbox.postgres().connectToNbo(); Statement sql = nbo.createStatement()) {
            sql.execute("create temp table before as select * from latest_offer");
            assertThat(count("latest_offer")).isGreaterThanOrEqualTo(1);
            try {
                sql.execute("truncate latest_offer");

                // When
                JsonPath done = OPERATIONS.run(REBUILD);

                // Then
                assertThat(done.getLong("result.unreadable")).isZero();
                assertThat(done.getLong("result.stored")).isPositive();
                assertThat(differences(sql)).as("rows that differ").isEmpty();
                when().get("/customers/8501/offer").then().statusCode(404).body("type", is("customer-unknown"));
                when().get("/customers/8502/offer").then().statusCode(404).body("type", is("no-offer-yet"));

                // Another rebuild changes nothing, and a later offer stays
                RecordPosition later = traffic.activity(8500, 3, "deposit", 0.5);
                traffic.awaitOffer(later);
                awaitLatestOffer(8500, 3);
                assertThat(OPERATIONS.run(REBUILD).getLong("result.stored")).isZero();
                awaitLatestOffer(8500, 3);
            } finally {
                sql.execute("insert into latest_offer select * from before on conflict do nothing");
            }
        }
    }

    /** The rows that are in only one of the two tables. */
    private static String differences(Statement sql) throws SQLException {
        var differences = new StringBuilder();
        try (ResultSet rows = sql.executeQuery("(select 'missing ' || b::text from before b except"
                + " select 'missing ' || l::text from latest_offer l) union all"
                + " (select 'added ' || l::text from latest_offer l"
                + " except select 'added ' || b::text from before b)")) {
            while (rows.next()) {
                differences.append(rows.getString(1)).append('\n');
            }
        }
        return differences.toString();
    }

    @Test
    @Order(3)
    void repairsProfilesOfARestoredDatabase() throws SQLException {
        // Given: 9040 was deleted and created again; the restored database has the first profile
        String insert = "insert into customers (customer_id, first_name, income, fico)"
                + " values (9040, 'Back', 60000, 700)";
        bank(insert);
        await().atMost(TIMEOUT).until(() -> isKnown(9040));
        bank("delete from customers where customer_id = 9040");
        await().atMost(TIMEOUT).until(() -> !isKnown(9040));
        bank(insert);
        await().atMost(TIMEOUT).until(() -> isKnown(9040));
        nbo("update customer set lsn = 1, source_ts_ms = 1, erased_at = null where customer_id = '9040'");
        nbo("""
                insert into latest_offer (customer_id, decision, topic_id, topic_partition, topic_offset, record_ts_ms)
                values ('9040', '{}', '%s', 0, 0, 0)""".formatted(new UUID(0, 1)));
        for (int customer = 8600; customer < 8604; customer++) {
            createCustomer(customer);
        }
        traffic.awaitOffer(traffic.activity(8601, 1, "deposit", 0.5));
        deleteCustomer(8601);
        // The restored database lacks 8600, and has the deleted 8601, an old 8602, and an 8603 newer than the topic
        nbo("delete from customer where customer_id = '8600'");
        nbo("update customer set attributes = '{\"income\":1}', topic_offset = topic_offset - 1"
                + " where customer_id = '8601'");
        nbo("update customer set attributes = '{\"income\":2}', topic_offset = topic_offset - 1"
                + " where customer_id = '8602'");
        nbo("update customer set attributes = '{\"income\":3}', topic_offset = topic_offset + 1000"
                + " where customer_id = '8603'");
        nbo("""
                insert into latest_offer (customer_id, decision, topic_id, topic_partition, topic_offset, record_ts_ms)
                values ('8601', '{}', '%s', 0, 0, 0)""".formatted(new UUID(0, 1)));

        // When
        JsonPath done = OPERATIONS.run("/operations/customers/reread");

        // Then
        assertThat(done.getLong("result.repaired")).isGreaterThanOrEqualTo(3);
        assertThat(done.getLong("done")).isEqualTo(done.getLong("total"));
        assertThat(attributes(8600)).contains("60000");
        assertThat(attributes(8601)).isNull();
        assertThat(count("latest_offer where customer_id = '8601'")).isZero();
        assertThat(attributes(8602)).contains("60000");
        assertThat(attributes(8603)).isEqualTo("{\"income\":3}");
        assertThat(count("latest_offer where customer_id = '9040'")).as("from before the delete").isZero();
        assertThat(count("customer where customer_id = '9040' and erased_at is not null and source_ts_ms > 1")).isOne();
        assertThat(OPERATIONS.run("/operations/customers/reread").getLong("result.repaired")).isZero();
        nbo("delete from customer where customer_id = '8603'");
        bank("delete from customers where customer_id = 9040");
    }

    @Test
    @Order(4)
    void listsAndErasesCustomersDeletedWhileTheSlotWasLost() throws Exception {
        // Given
        bank("""
                insert into customers (customer_id, first_name, income, fico)
                select id, 'Lost', 60000, 700 from generate_series(9001, 9030) id""");
        await().atMost(TIMEOUT).until(() -> count("customer where attributes is not null and customer_id"
                + " in (select g::text from generate_series(9001, 9030) g)") == 30);
        traffic.awaitOffer(traffic.activity(9001, 1, "deposit", 0.5));
        awaitLatestOffer(9001, 1);
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(logged("9001")).hasSize(1));

        // When
        sandbox.debezium().stop();
        sandbox.debezium().loseSlot();
        bank("delete from customers where customer_id = 9001");
        long snapshotBefore = number("select coalesce(max(source_ts_ms), 0) from customer_snapshot");
        sandbox.debezium().start();
        await().atMost(TIMEOUT)
                .until(() -> number("select max(source_ts_ms) from customer_snapshot") > snapshotBefore);

        // Then: the snapshot did not delete the customer
        when().get("/customers/9001/offer").then().statusCode(200);
        JsonPath listed = given().queryParam("limit", 10).when().post("/customers/reconcile").then().statusCode(200)
                .body("by", is("snapshot")).body("missing", is(1)).body("customers", contains(9001)).extract()
                .jsonPath();

        // Rejects the confirmation of another set of customers, and a set that is too large
        given().queryParam("confirm", "1-00000000-0000").when().post("/customers/reconcile").then().statusCode(409)
                .contentType("application/problem+json").body("type", is("reconcile-changed"));
        String later = Instant.now().plusSeconds(3600).toString();
        String all = given().queryParam("since", later).when().post("/customers/reconcile").then().statusCode(200)
                .body("by", is("time")).extract().path("confirm");
        given().queryParam("since", later).queryParam("confirm", all).when().post("/customers/reconcile").then()
                .statusCode(409).body("type", is("reconcile-share"))
                .body("detail", containsString("nbo.operations.reconcile-max-share"));
        given().queryParam("since", "yesterday").when().post("/customers/reconcile").then().statusCode(400)
                .body("violations[0].field", is("since"));

        JsonPath done = OPERATIONS
                .awaitDone(given().header("X-User", "olga").queryParam("confirm", listed.getString("confirm"))
                        .when().post("/customers/reconcile").then().statusCode(202).body("by", is("olga")).extract()
                        .path("id"));

        assertThat(done.getString("by")).isEqualTo("olga");
        assertThat(done.getLong("result.erased")).isEqualTo(1);
        assertThat(attributes(9001)).isNull();
        for (String table : new String[]{"latest_offer", "parked_activity"}) {
            assertThat(count(table + " where customer_id = '9001'")).as(table).isZero();
        }
        assertThat(logged("9001")).isEmpty();
        // Caches have dropped the customer, too: a new activity is parked
        RecordPosition after = traffic.activity(9001, 2, "deposit", 0.5);
        await().atMost(TIMEOUT).until(() -> count("parked_activity where customer_id = '9001'") == 1);
        assertThat(traffic.findOffer(after)).isEmpty();
        when().post("/customers/reconcile").then().statusCode(200).body("missing", is(0));
        // The delete in the topic has the key of the last change
        ConsumerRecord<byte[], byte[]> deletion = traffic.committed(SandboxTopics.CUSTOMERS).stream()
                .filter(record -> record.value() != null && new String(record.value()).contains("next-best-offer"))
                .findFirst().orElseThrow();
        assertThat(TestTraffic.json(deletion.key())).isEqualTo(TestTraffic.json("{\"customer_id\":9001}".getBytes()));

        bank("delete from customers where customer_id between 9001 and 9030");
        await().atMost(TIMEOUT)
                .until(() -> count("customer where attributes is not null and customer_id = '9030'") == 0);
    }

    @Test
    @Order(5)
    void replaysDeadLettersOnce() throws SQLException {
        // Given
        var letter = traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, early);
        String place = "/dead-letters/" + SandboxTopics.ACTIVITY + "/" + letter.partition() + "/" + letter.offset();
        String listed = given().queryParam("reason", "customer-unknown").queryParam("limit", 1000).when()
                .get("/dead-letters/" + SandboxTopics.ACTIVITY).then().statusCode(200)
                .body("dead_letters.find { it.input_offset == " + early.offset() + " && it.input_partition == "
                        + early.partition() + " }.replayed_at", is((String) null))
                .extract().asString();
        assertThat(listed).doesNotContain("activity_type").doesNotContain("deposit");
        when().get(place).then().statusCode(200).body("value", containsString("\"activity_id\":1"))
                .body("key", is("8700")).body("headers.dead-letter-reason", is("customer-unknown"));

        // When
        createCustomer(8700);
        JsonPath done = replay(letter);

        // Then
        assertThat(done.getInt("result.replayed")).isEqualTo(1);
        await().atMost(TIMEOUT).until(() -> offersOf(8700) == 1);
        ConsumerRecord<byte[], byte[]> again = traffic.committed(SandboxTopics.ACTIVITY).stream()
                .filter(record -> !TestTraffic.header(record, "replayed-from").isEmpty()).reduce((one, two) -> two)
                .orElseThrow();
        assertThat(TestTraffic.header(again, "replayed-from")).isEqualTo(
                SandboxTopics.ACTIVITY_DEAD_LETTER + "/" + letter.partition() + "/" + letter.offset());
        assertThat(again.partition()).isEqualTo(early.partition());
        assertThat(again.value()).isEqualTo(letter.value());
        assertThat(again.headers().lastHeader("dead-letter-reason")).isNull();
        when().get(place).then().body("dead_letter.replayed_at", notNullValue()).body("dead_letter.replayed_by",
                is("dora"));

        JsonPath twice = replay(letter);
        assertThat(twice.getInt("result.replayed")).isZero();
        assertThat(twice.getInt("result.already_replayed")).isEqualTo(1);

        // If a replica crashes before it sends a round, the round is replayed
        nbo("update dead_letter_replay set done = false, round = round + 1 where topic_offset = " + letter.offset()
                + " and topic_partition = " + letter.partition());
        assertThat(replay(letter).getInt("result.replayed")).isEqualTo(1);
        // If it crashes after that, the round is not replayed again
        nbo("update dead_letter_replay set done = false where topic_offset = " + letter.offset()
                + " and topic_partition = " + letter.partition());
        assertThat(replay(letter).getInt("result.already_replayed")).isEqualTo(1);
        await().atMost(TIMEOUT).until(() -> offersOf(8700) == 2);

        // Dead letters of erased customers have no content
        assertThat(replay(traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, erased)).getInt("result.without_content"))
                .isEqualTo(1);
    }

    private long offersOf(int customer) {
        return traffic.offers().stream().filter(offer -> offer.get("customer_id").asText().equals("" + customer))
                .count();
    }

    private static JsonPath replay(ConsumerRecord<?, ?> letter) {
        return OPERATIONS.awaitDone(given().header("X-User", "dora").queryParam("partition", letter.partition())
                .queryParam("offset", letter.offset()).when()
                .post("/dead-letters/" + SandboxTopics.ACTIVITY + "/replay").then().statusCode(202).extract()
                .path("id"));
    }

    @Test
    @Order(6)
    void rejectsInvalidRequests() {
        when().get("/dead-letters/another-topic").then().statusCode(404).body("type", is("topic-unknown"));
        when().get("/dead-letters/" + SandboxTopics.ACTIVITY + "/0/999999999").then().statusCode(404)
                .body("type", is("dead-letter-unknown"));
        given().queryParam("after", "x").when().get("/dead-letters/" + SandboxTopics.ACTIVITY).then().statusCode(400)
                .body("violations[0].field", is("after"));
        given().queryParam("reason", "unreadable").when().post("/dead-letters/" + SandboxTopics.CUSTOMERS + "/replay")
                .then()
                .statusCode(409).body("type", is("customers-stale"));
        when().post("/dead-letters/" + SandboxTopics.ACTIVITY + "/replay").then().statusCode(400)
                .body("violations[0].field", is("reason"));
        given().queryParam("partition", 0).queryParam("from", 5).queryParam("to", 4).when()
                .post("/dead-letters/" + SandboxTopics.ACTIVITY + "/replay").then().statusCode(400)
                .body("violations[0].field", is("to"));
        when().get("/operations/" + UUID.randomUUID()).then().statusCode(404).body("type", is("operation-unknown"));
        when().get("/operations/x").then().statusCode(400);
    }

    @Test
    @Order(7)
    void runsOneOperationOfAKindAtATimeAndRecordsWhoCancelsIt() throws Exception {
        String id;
        try (Connection latestOffers = lockedLatestOffers()) {
            id = OPERATIONS.start(REBUILD);
            OPERATIONS.awaitState(id, "running");

            when().post(REBUILD).then().statusCode(409).body("type", is("operation-running"));
            given().header("X-User", "carla").when().delete("/operations/" + id).then().statusCode(204);

            when().get("/operations/" + id).then().body("state", is("cancelled")).body("by", is("otto"))
                    .body("cancelled_by", is("carla")).body("finished_at", notNullValue());
            latestOffers.rollback();
        }
        given().header("X-User", "peter").when().delete("/operations/" + id).then().statusCode(204);
        when().post("/operations/" + id + "/pause").then().statusCode(409).body("type", is("operation-over"))
                .body("detail", containsString("cancelled"));
        when().post("/operations/" + id + "/resume").then().statusCode(409).body("type", is("operation-over"));

        String next = given().when().post(REBUILD).then().statusCode(202)
                .header("Location", containsString("/operations/")).extract().path("id");
        OPERATIONS.awaitDone(next);
        when().get("/operations").then().statusCode(200).body("find { it.id == '" + id + "' }.state", is("cancelled"))
                .body("find { it.id == '" + id + "' }.cancelled_by", is("carla"))
                .body("find { it.id == '" + next + "' }.state", is("done"))
                .body("find { it.id == '" + next + "' }.by", is((String) null))
                .body("kind", hasItem("customers-reread"));
    }

    @Test
    @Order(8)
    void pausesAndResumesAnOperation() throws Exception {
        try (Connection latestOffers = lockedLatestOffers()) {
            String id = OPERATIONS.start(REBUILD);
            OPERATIONS.awaitState(id, "running");

            given().header("X-User", "paula").when().post("/operations/" + id + "/pause").then().statusCode(200)
                    .body("state", is("paused")).body("paused_by", is("paula"));
            given().header("X-User", "peter").when().post("/operations/" + id + "/pause").then().statusCode(200)
                    .body("paused_by", is("paula"));
            when().post(REBUILD).then().statusCode(409).body("type", is("operation-running"));
            // The replica notices the pause within a second, and ends its step
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
            latestOffers.rollback();
            await().during(Duration.ofSeconds(2)).atMost(TIMEOUT)
                    .until(() -> "paused".equals(OPERATIONS.find(id).getString("state")));

            given().header("X-User", "rosa").when().post("/operations/" + id + "/resume").then().statusCode(200)
                    .body("resumed_by", is("rosa"));
            JsonPath done = OPERATIONS.awaitDone(id);
            assertThat(done.getInt("attempt")).as("continues without another attempt").isEqualTo(1);
            assertThat(done.getLong("done")).isEqualTo(done.getLong("total"));
        }
    }

    @Test
    @Order(9)
    void takesOverTheOperationOfAKilledReplica() throws Exception {
        try (ServiceProcess other = sandbox.startService("other", 0, 0, Map.of("nbo.stream.instance", "other"))) {
            other.awaitReady(Duration.ofSeconds(90));
            var there = new OperationCalls(() -> given().port(other.httpPort()).header("X-User", "otto"));
            try (Connection latestOffers = lockedLatestOffers()) {
                String id = there.start(REBUILD);
                // The tested replica may claim the operation first
                while (!"other".equals(there.awaitState(id, "running").getString("instance"))) {
                    given().when().delete("/operations/" + id).then().statusCode(204);
                    id = there.start(REBUILD);
                }

                other.kill();
                latestOffers.rollback();

                JsonPath done = OPERATIONS.awaitDone(id);
                assertThat(done.getInt("attempt")).isEqualTo(2);
                assertThat(done.getString("instance")).isNotEqualTo("other");
                assertThat(done.getString("by")).isEqualTo("otto");
                assertThat(done.getLong("result.records")).isPositive();
                assertThat(done.getLong("result.unreadable")).isZero();
            }
        }
    }

    @Test
    @Order(10)
    void continuesFromTheCheckpointOfALostReplica() throws SQLException {
        JsonPath whole = OPERATIONS.run(REBUILD);
        String checkpoint = text("select checkpoint from job where job_id = '" + whole.getString("id") + "'");
        UUID id = UUID.randomUUID();

        nbo("""
                insert into job (job_id, kind, state, exclusive, repeatable, parameters, checkpoint, replica, attempt,
                    started_at, heartbeat_at)
                values ('%s', 'latest-offers-rebuild', 'running', true, true, '{}', '%s', 'gone', 1, now(),
                    now() - interval '31 s')""".formatted(id, checkpoint));

        JsonPath done = OPERATIONS.awaitDone(id.toString());
        assertThat(done.getInt("attempt")).isEqualTo(2);
        assertThat(done.getLong("result.records")).as("counted once").isEqualTo(whole.getLong("result.records"));
    }

    /** Locks the table of latest offers until the connection is closed or rolled back. */
    private Connection lockedLatestOffers() throws SQLException {
        Connection nbo = sandbox.postgres().connectToNbo();
        nbo.setAutoCommit(false);
        try (Statement sql = nbo.createStatement()) {
            sql.execute("lock table latest_offer in exclusive mode");
        }
        return nbo;
    }

    private void createCustomer(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, key(customer), PROFILE.formatted(customer));
        await().atMost(TIMEOUT).untilAsserted(() -> when().get("/customers/" + customer + "/offer").then()
                .body("type", not("customer-unknown")));
    }

    private void deleteCustomer(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, key(customer), null);
        await().atMost(TIMEOUT).untilAsserted(
                () -> when().get("/customers/" + customer + "/offer").then().body("type", is("customer-unknown")));
    }

    private static void awaitLatestOffer(int customer, int activity) {
        await().atMost(TIMEOUT).untilAsserted(
                () -> when().get("/customers/" + customer + "/offer").then().body("activity_id", is(activity)));
    }

    private static String key(int customer) {
        return "{\"customer_id\":" + customer + "}";
    }

    private String attributes(int customer) throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement sql = nbo.createStatement();
                ResultSet row = sql.executeQuery(
                        "select attributes::text from customer where customer_id = '" + customer + "'")) {
            return row.next() ? row.getString(1) : "no row";
        }
    }

    private boolean isKnown(int customer) throws SQLException {
        return count("customer where attributes is not null and customer_id = '" + customer + "'") == 1;
    }

    private List<LoggedDecision> logged(String customer) {
        try (var log = new DecisionLogAccess(sandbox.postgres())) {
            return log.ofCustomer(customer);
        }
    }

    private long count(String from) throws SQLException {
        return number("select count(*) from " + from);
    }

    private long number(String query) throws SQLException {
        return Long.parseLong(text(query));
    }

    private String text(String query) throws SQLException {
        return sandbox.postgres().textFromNbo(query);
    }

    private void nbo(String statement) throws SQLException {
        sandbox.postgres().executeInNbo(statement);
    }

    private void bank(String statement) throws SQLException {
        sandbox.postgres().executeInBank(statement);
    }

    /** Returns the headers of the offer for an activity. */
    private String offerHeaders(RecordPosition activity) {
        var offer = traffic.committed(SandboxTopics.OFFERS).stream()
                .filter(record -> new String(record.value()).contains(activity.decisionId().toString())).findFirst()
                .orElseThrow();
        return TestTraffic.header(offer, "nbo-schema-version") + " " + TestTraffic.header(offer, "nbo-activity");
    }
}
