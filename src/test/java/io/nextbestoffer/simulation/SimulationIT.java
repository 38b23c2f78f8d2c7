package io.nextbestoffer.simulation;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.history.DecisionLogAccess;
import io.nextbestoffer.history.LoggedDecision;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;

/** Simulates drafts over 100,000 decisions of the shipped strategy, inserted as if made in the last 28 hours. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class SimulationIT {

    private static final int DECISIONS = 100_000;

    /** A simulation takes seconds; this only limits a hanging test. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private static final String BEFORE = """
            case when income > 100000 and fico < 700 and p < 0.9 then 1 when income < 50000 and p < 0.9 then 2
                when income >= 50000 and fico >= 600 and p < 0.9 then 3 else 5 end""";

    private static final String AFTER = """
            case when income > 100000 and fico < 700 and p < 0.9 then 1 when income < 50000 and p < 0.9 then 2
                when income >= 50000 and p < 0.9 then 3 else 5 end""";

    private static final String SAMPLE = """
            {"activity": {"activity_type": "deposit", "propensity_to_buy": %s},
             "customer": {"income": 60000, "fico": %d, "email": "samples@example.com"}}""";

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    Management management;

    @BeforeEach
    void deleteOtherDecisions() throws SQLException {
        if (ask("select to_regclass('expected.simulated')") == null) {
            recordDecisions();
        }
        // Other tests leave decisions in the same database
        try (var log = new DecisionLogAccess(sandbox.postgres())) {
            log.removeIf(decision -> !decision.customer().startsWith("sim-"));
        }
    }

    private void recordDecisions() throws SQLException {
        // In a separate schema, because ErasureIT counts the tables of the service
        execute("create schema expected");
        execute("""
                create table expected.simulated as
                select n, gen_random_uuid() as id, 'sim-' || n %% 1000 as customer,
                    (n * 7919::bigint %% 180000) as income, (n * 104729::bigint %% 450) + 400 as fico,
                    (n * 31 %% 100) / 100.0 as p, case n %% 3 when 0 then 'deposit' else 'login' end as kind,
                    now() - n * interval '1 second' as at
                from generate_series(1, %d) n
                """.formatted(DECISIONS));
        insertDecisions("""
                select id, customer, at, 'banking', 1, offer::text,
                    format('{"activity_id":%s,"customer_id":"%s","offer_id":%s,"offer_name":"x",'
                        || '"offer_url":"https://x","propensity_to_buy":%s,"activity_type":"%s",'
                        || '"income":%s,"fico":%s,"decision_id":"%s",'
                        || '"strategy":"banking","strategy_version":1,"rule":"some","catalog_revision":1,'
                        || '"activity_time":"2026-01-01T00:00:00Z","decided_at":"2026-01-01T00:00:00Z"}',
                        n, customer, offer, p, kind, income, fico, id), null
                from (select *, """ + BEFORE + " as offer from expected.simulated) decided");
        // One of ten customers is no longer known
        execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                select 'sim-' || n, false, json_build_object('income', 1,
                    'gender', case n % 2 when 0 then 'f' else 'm' end, 'age', n % 80), gen_random_uuid(), 0, 0
                from generate_series(0, 999) n where n % 10 <> 7
                """);
    }

    /** @param sql selects the components of {@link LoggedDecision} */
    private void insertDecisions(String sql) throws SQLException {
        var decisions = new ArrayList<LoggedDecision>();
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                decisions.add(new LoggedDecision(row.getObject(1, UUID.class), row.getString(2),
                        row.getObject(3, OffsetDateTime.class).toInstant(), row.getString(4), row.getInt(5),
                        row.getString(6), row.getString(7), row.getString(8)));
            }
        }
        try (var log = new DecisionLogAccess(sandbox.postgres())) {
            log.insert(decisions);
        }
    }

    private void execute(String sql) throws SQLException {
        sandbox.postgres().executeInNbo(sql);
    }

    private @Nullable String ask(String sql) throws SQLException {
        return rows(sql).get(0).get(0);
    }

    private List<List<String>> rows(String sql) throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            var rows = new ArrayList<List<String>>();
            while (found.next()) {
                var row = new ArrayList<String>();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                    row.add(found.getString(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** Locks the table of decisions until the connection is closed or rolled back. */
    private Connection lockDecisions() throws SQLException {
        Connection nbo = sandbox.postgres().connectToNbo();
        nbo.setAutoCommit(false);
        try (Statement statement = nbo.createStatement()) {
            statement.execute("lock table decision_block in access exclusive mode");
        }
        return nbo;
    }

    /** The shipped strategy without the FICO condition in the rule of the home loan. */
    private static String draft() {
        try (var in = SimulationIT.class.getResourceAsStream("/strategies/banking.yaml")) {
            String shipped = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return shipped.replace("customer.income >= 50000 && customer.fico >= 600", "customer.income >= 50000");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String request(String draft, Map<String, Object> more) {
        var request = new LinkedHashMap<String, Object>(Map.of("strategy", Map.of("document", draft)));
        request.putAll(more);
        try {
            return new ObjectMapper().writeValueAsString(request);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ValidatableResponse post(String body) {
        return given().contentType("application/json").header("X-User", "jane").body(body).when().post("/simulations")
                .then();
    }

    private static String startSimulation(String body) {
        return post(body).statusCode(202).extract().path("simulation_id");
    }

    private static ValidatableResponse simulation(String id) {
        return when().get("/simulations/" + id).then().statusCode(200);
    }

    private static ValidatableResponse delete(String id) {
        return when().delete("/simulations/" + id).then();
    }

    private static JsonPath done(String id) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(100)).untilAsserted(
                () -> simulation(id).body("state", not(is("queued"))).body("state", not(is("running"))));
        return simulation(id).body("state", is("done")).extract().jsonPath();
    }

    private static String awaitRunning(String id) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> simulation(id).body("state", is("running")));
        return id;
    }

    @Test
    void simulatesADraftOverRecordedDecisions() throws SQLException {
        String id = post(request(draft(), Map.of("days", 7, "group_by", List.of("activity.activity_type"))))
                .statusCode(202).header("Location", containsString("/simulations/")).body("strategy", is("banking"))
                .body("by", is("jane")).body("request.days", is(7)).body("created_at", notNullValue()).extract()
                .path("simulation_id");
        JsonPath simulation = done(id);
        JsonPath report = new JsonPath(simulation.prettify()).setRootPath("report");
        var took = Duration.between(Instant.parse(simulation.getString("started_at")),
                Instant.parse(simulation.getString("finished_at")));
        System.out.printf("SimulationIT: %,d decisions were simulated in %.1f s%n", DECISIONS,
                took.toMillis() / 1000.0);

        assertThat(took).as("not stuck").isLessThan(TIMEOUT);
        assertThat(simulation.getMap("progress")).isEqualTo(Map.of("done", DECISIONS, "total", DECISIONS));
        assertThat(report.getInt("decisions")).isEqualTo(DECISIONS);
        assertThat(report.getInt("undecidable")).isZero();
        for (String offer : List.of("1", "2", "3", "5")) {
            List<String> counts = rows(
                    "select count(*) filter (where %s = %s), count(*) filter (where %s = %s) from expected.simulated"
                            .formatted(BEFORE, offer, AFTER, offer))
                    .get(0);
            assertThat(report.getMap("mix.find { it.offer_id == " + offer + " }")).as("offer " + offer)
                    .containsEntry("before", Integer.valueOf(counts.get(0)))
                    .containsEntry("after", Integer.valueOf(counts.get(1)));
        }
        assertThat(report.getList("mix.offer_name")).containsExactly("new_savings", "new_checking", "new_home_loan",
                "no_offer");
        int moved = Integer.parseInt(ask("select count(*) from expected.simulated where " + BEFORE + " <> " + AFTER));
        assertThat(moved).isPositive();
        assertThat(report.getInt("changed.count")).isEqualTo(moved);
        assertThat(report.getList("moves")).hasSize(1);
        assertThat(report.getMap("moves[0]")).containsEntry("from_offer_id", 5).containsEntry("to_offer_id", 3)
                .containsEntry("count", moved);
        assertThat(report.getInt("segments.find { it.segment == 'none' }.size")).isEqualTo(DECISIONS);
        for (String kind : List.of("deposit", "login")) {
            String loans = "groups[0].groups.find { it.group == '" + kind + "' }.mix.find { it.offer_id == 3 }.after";
            assertThat(report.getInt(loans)).isEqualTo(Integer.parseInt(
                    ask("select count(*) from expected.simulated where kind = '" + kind + "' and " + AFTER + " = 3")));
        }
        assertThat(simulation.getMap("report")).doesNotContainKeys("fairness", "value", "score");
        assertThat(simulation.prettify()).doesNotContain("sim-");
    }

    @Test
    void measuresFairnessByCurrentProfiles() throws SQLException {
        String draft = draft().replace("    fico: int\n", """
                    fico: int
                    gender: {type: string, protected: true}
                    age: {type: int, protected: true, bands: [18, 65]}
                """);

        JsonPath report = done(startSimulation(request(draft, Map.of("days", 7)))).setRootPath("report");

        assertThat(report.getInt("undecidable")).isZero();
        assertThat(report.getString("fairness.note")).contains("no legal judgement");
        assertThat(report.getList("fairness.attributes.source")).containsOnly("present profile");
        for (List<String> row : rows("""
                select coalesce(c.attributes ->> 'gender', 'unknown'), count(*), count(*) filter (where %s <> 5),
                    count(*) filter (where %s <> 5)
                from expected.simulated left join customer c on c.customer_id = customer group by 1
                """.formatted(BEFORE, AFTER))) {
            String group = "fairness.attributes[0].groups.find { it.group == '" + row.get(0) + "' }.";
            assertThat(report.getInt(group + "size")).isEqualTo(Integer.parseInt(row.get(1)));
            assertThat(report.getInt(group + "before.selected")).isEqualTo(Integer.parseInt(row.get(2)));
            assertThat(report.getInt(group + "after.selected")).isEqualTo(Integer.parseInt(row.get(3)));
        }
        assertThat(customersInMemory()).as("bulk reads bypass the cache").isLessThan(100);
        assertThat(report.getList("fairness.attributes[0].groups.group")).containsExactlyInAnyOrder("f", "m",
                "unknown");
        assertThat(report.getList("fairness.attributes[1].groups.group")).containsExactly("under 18", "18 to under 65",
                "65 and more", "unknown");
    }

    private double customersInMemory() {
        return given().baseUri(management.uri()).when().get("/q/metrics").then().statusCode(200).extract().asString()
                .lines().filter(line -> line.startsWith("cache_size{cache=\"customers\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ')))).findFirst().orElseThrow();
    }

    @Test
    void reportsDecisionsWithoutARecordedInputAsUndecidable() {
        String draft = draft().replace("    fico: int\n", "    fico: int\n    gender: string\n"
                + "    tier: {type: int, default: 1}\n");

        JsonPath report = done(startSimulation(request(draft, Map.of("days", 7)))).setRootPath("report");

        assertThat(report.getInt("undecidable")).isEqualTo(DECISIONS);
        assertThat(report.getList("reasons.message")).containsExactly("customer.gender is missing");
        assertThat(report.getList("mix")).isEmpty();
    }

    @Test
    void countsOnlyDecisionsOfTheNamedStrategies() {
        JsonPath report = done(startSimulation(request(draft(), Map.of("days", 7, "strategies", List.of("unknown")))))
                .setRootPath("report");

        assertThat(report.getInt("decisions")).isZero();
    }

    /** Simulates decisions of a strategy that no longer exists; they are older than the others. */
    @Test
    void simulatesDecisionsOfADeletedStrategyIfTheirInputsWereRecorded() throws SQLException {
        insertDecisions("""
                select gen_random_uuid(), 'c', at, 'retired', 4, '77',
                    '{"activity_id":1,"customer_id":"c","offer_id":77,"offer_name":"old","score":42.5}', inputs
                from (values (null), (
                    '{"activity":{"propensity_to_buy":1,"activity_type":"x"},"customer":{"income":1,"fico":1}}'))
                    as rows (inputs), (select date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'
                        - interval '20 days' + interval '1 hour' as at) one
                """);

        JsonPath report = done(startSimulation(request(draft(), Map.of("days", 21, "strategies", List.of("retired")))))
                .setRootPath("report");

        assertThat(report.getInt("decisions")).isEqualTo(2);
        assertThat(report.getInt("undecidable")).isEqualTo(1);
        assertThat(report.getList("reasons.message")).containsExactly(
                "decided by version 4 of strategy retired, which no longer exists");
        assertThat(report.getMap("moves[0]")).containsEntry("from_offer_id", 77)
                .containsEntry("from_offer_name", "old").containsEntry("to_offer_id", 5);
        assertThat(report.getDouble("score.before")).isEqualTo(42.5);
    }

    @Test
    void comparesSamplesWithTheActiveVersionAndDoesNotStoreThem() throws SQLException {
        String body = request(draft(), Map.of()).replaceFirst("\\}$", ",\"samples\":["
                + SAMPLE.formatted("0.5", 550) + "," + SAMPLE.formatted("0.5", 650) + ","
                + SAMPLE.formatted("\"high\"", 650) + "]}");

        String id = startSimulation(body);
        JsonPath report = done(id).setRootPath("report");

        assertThat(report.getInt("decisions")).isEqualTo(3);
        assertThat(report.getInt("undecidable")).isEqualTo(1);
        assertThat(report.getString("reasons[0].message")).contains("must be a double, not a string");
        assertThat(report.getInt("changed.count")).isEqualTo(1);
        assertThat(report.getMap("mix.find { it.offer_id == 3 }")).containsEntry("before", 1).containsEntry("after", 2);
        simulation(id).body("request.samples", is(3));
        assertThat(ask("select count(*) from job j where j::text like '%example.com%'")).isEqualTo("0");
    }

    @Test
    void comparesAVersionWithABaseline() {
        JsonPath report = done(
                startSimulation("""
                        {"strategy": {"name": "banking", "version": 1},
                         "baseline": {"name": "banking", "version": 1}, "days": 7}
                        """))
                .setRootPath("report");

        assertThat(report.getInt("decisions")).isEqualTo(DECISIONS);
        assertThat(report.getInt("changed.count")).isZero();
    }

    @Test
    void rejectsInvalidRequests() {
        post("{\"days\": 0, \"group_by\": [\"x\"]}").statusCode(400).contentType("application/problem+json")
                .body("violations.field", contains("strategy", "days", "group_by[0]"));
        post(request("strategy: x\nrules: []\n", Map.of("days", 1))).statusCode(400)
                .body("type", is("invalid-strategy"))
                .body("problems.message", hasItem(containsString("otherwise"))).body("problems[0].line", is(1));
        post(request(draft().replace("otherwise: 5", "otherwise: 77"), Map.of("days", 1))).statusCode(409)
                .body("type", is("catalog-lacks-offers")).body("detail", containsString("offer 77"));
        post("{\"strategy\": {\"name\": \"unknown\", \"version\": 1}, \"days\": 1}").statusCode(404)
                .body("type", is("version-unknown"));
        post(request(draft().replace("strategy: banking", "strategy: other"), Map.of("samples", List.of(Map.of()))))
                .statusCode(400).body("violations.field", contains("baseline"));
        given().contentType("application/json").header("X-User", " ").body("{}").when().post("/simulations").then()
                .statusCode(400);
        given().contentType("application/json").header("X-User", "ü").body("{}").when().post("/simulations").then()
                .statusCode(400);
        when().get("/simulations/" + UUID.randomUUID()).then().statusCode(404).body("type", is("simulation-unknown"));
        when().get("/simulations/1").then().statusCode(400);
        delete(UUID.randomUUID().toString()).statusCode(404);
        when().get("/simulations?limit=101").then().statusCode(400);
        when().get("/simulations?before=x").then().statusCode(400);
    }

    @Test
    void listsTheNewestFirst() {
        String first = startSimulation(request(draft(), Map.of("days", 1)));
        String second = startSimulation(request(draft(), Map.of("days", 1)));

        JsonPath page = when().get("/simulations?limit=1").then().statusCode(200).body("simulations", hasSize(1))
                .body("simulations[0].simulation_id", is(second)).body("simulations[0]", not(hasKey("request")))
                .extract().jsonPath();
        given().queryParam("before", page.getString("next")).when().get("/simulations").then()
                .body("simulations[0].simulation_id", is(first));
        delete(first).statusCode(204);
        delete(second).statusCode(204);
    }

    @Test
    void reportsProgress() throws Exception {
        String id = awaitRunning(startSimulation(request(draft(), Map.of("days", 7))));

        int done = 0;
        while (done == 0) {
            Thread.sleep(50);
            try (Connection locked = lockDecisions()) {
                // Heartbeats are a second apart
                Thread.sleep(1_500);
                JsonPath progress = simulation(id).body("state", is("running")).extract().jsonPath();
                done = progress.getInt("progress.done");
                // Decisions are spread evenly, so the first estimate is good
                assertThat(done == 0 ? DECISIONS : progress.getInt("progress.total")).as("an estimate")
                        .isCloseTo(DECISIONS, withinPercentage(10));
                locked.rollback();
            }
        }

        assertThat(done).isLessThan(DECISIONS);
        assertThat(done(id).getInt("progress.done")).isEqualTo(DECISIONS);
    }

    @Test
    void cancelsARunningSimulation() throws SQLException {
        String id;
        try (Connection locked = lockDecisions()) {
            id = awaitRunning(startSimulation(request(draft(), Map.of("days", 7))));

            delete(id).statusCode(204);

            simulation(id).body("state", is("cancelled")).body("finished_at", notNullValue());
            delete(id).statusCode(204);
            // The replica notices the cancellation within a second
            await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
            locked.rollback();
        }

        // There are two slots, and one must be free
        done(startSimulation(request(draft(), Map.of("days", 7))));
        simulation(id).body("state", is("cancelled")).body("report", nullValue());
        assertThat((Integer) simulation(id).extract().path("progress.done")).isLessThan(DECISIONS);
        assertThat(ask("select count(*) from job where state = 'cancelled' and result is not null"))
                .isEqualTo("0");
    }

    @Test
    void runsTwoAtOnceQueuesOthersAndRejectsTooMany() throws SQLException {
        var ids = new ArrayList<String>();
        String body = request(draft(), Map.of("days", 7));
        try (Connection locked = lockDecisions()) {
            for (int i = 0; i < 22; i++) {
                ids.add(startSimulation(body));
            }
            awaitRunning(ids.get(0));
            awaitRunning(ids.get(1));
            simulation(ids.get(2)).body("state", is("queued"));

            post(body).statusCode(429).contentType("application/problem+json").body("type",
                    is("too-many-simulations"));

            // Cancelled simulations leave the queue
            ids.subList(2, 22).forEach(id -> delete(id).statusCode(204));
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> ids.set(2, startSimulation(body)));
            locked.rollback();
        }

        for (String id : ids.subList(0, 3)) {
            assertThat(done(id).getInt("report.decisions")).isEqualTo(DECISIONS);
        }
        simulation(ids.get(3)).body("state", is("cancelled"));
    }

    @Test
    void pausesAndResumesASimulation() throws SQLException {
        String body = request(draft(), Map.of("days", 7));
        String id;
        String other;
        try (Connection locked = lockDecisions()) {
            id = awaitRunning(startSimulation(body));
            String second = awaitRunning(startSimulation(body));
            other = startSimulation(body);
            simulation(other).body("state", is("queued"));

            given().header("X-User", "paula").when().post("/simulations/" + id + "/pause").then().statusCode(200)
                    .body("state", is("paused")).body("paused_by", is("paula"));

            awaitRunning(other);
            delete(second).statusCode(204);
            locked.rollback();
        }
        assertThat(done(other).getInt("report.decisions")).isEqualTo(DECISIONS);
        simulation(id).body("state", is("paused"));

        given().header("X-User", "rosa").when().post("/simulations/" + id + "/resume").then().statusCode(200)
                .body("resumed_by", is("rosa"));

        JsonPath done = done(id);
        assertThat(done.getInt("report.decisions")).isEqualTo(DECISIONS);
        when().post("/simulations/" + id + "/resume").then().statusCode(409).body("type", is("simulation-over"));
    }

    @Test
    void cancelsOnAnotherReplicaAndTakesOverFromAStoppedOne() throws SQLException {
        try (ServiceProcess other = sandbox.startService("other", 0, 0, Map.of("nbo.stream.instance", "other"))) {
            other.awaitReady(Duration.ofSeconds(90));
            var ids = new ArrayList<String>();
            try (Connection locked = lockDecisions()) {
                // The tested replica claims some of them, too
                for (int i = 0; i < 4; i++) {
                    ids.add(given().port(other.httpPort()).contentType("application/json")
                            .body(request(draft(), Map.of("days", 7))).when().post("/simulations").then()
                            .statusCode(202).body("by", nullValue()).extract().path("simulation_id"));
                }
                ids.forEach(SimulationIT::awaitRunning);
                List<String> there = ids.stream()
                        .filter(id -> "other".equals(simulation(id).extract().path("instance"))).toList();
                assertThat(there).hasSize(2);

                given().header("X-User", "carla").when().delete("/simulations/" + there.get(0)).then().statusCode(204);
                given().port(other.httpPort()).when().get("/simulations/" + there.get(0)).then()
                        .body("state", is("cancelled")).body("cancelled_by", is("carla"));
                other.stop();

                simulation(there.get(0)).body("state", is("cancelled"));
                locked.rollback();
                assertThat(done(there.get(1)).getInt("report.decisions")).isEqualTo(DECISIONS);
                simulation(there.get(1)).body("instance", not(is("other")));
                ids.removeAll(there);
            }
            ids.forEach(SimulationIT::done);
        }
    }

    @Test
    void losesASimulationWithTheReplicaThatHasItsSamples() throws SQLException {
        UUID id = UUID.randomUUID();
        execute("insert into job (job_id, kind, subject, parameters, state, exclusive, repeatable, replica,"
                + " heartbeat_at) values ('" + id + "', 'simulation', 'banking', '{}', 'running', false, false, 'gone',"
                + " now() - interval '31 seconds')");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> simulation(id.toString()).body("state", is("lost")));

        simulation(id.toString()).body("problem", is("its replica went away, and no other replica has its data"));
        when().get("/simulations").then().body("simulations.find { it.simulation_id == '" + id + "' }.state",
                is("lost"));
        delete(id.toString()).statusCode(204);
        simulation(id.toString()).body("state", is("lost"));
    }

    @Test
    void documentsItsEndpointsInOpenApi() {
        given().accept("application/json").when().get("/q/openapi").then().statusCode(200)
                .body("paths", hasKey("/simulations")).body("paths", hasKey("/simulations/{id}"))
                .body("components.schemas", hasKey("SimulationReport"));
    }
}
