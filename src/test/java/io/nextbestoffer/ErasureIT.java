package io.nextbestoffer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.history.DecisionLogAccess;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/**
 * Checks that a customer deleted by the bank is erased from every table, and that docs/privacy.md lists all tables and
 * topics.
 */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class ErasureIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CUSTOMER = 1830018301;
    private static final int UNKNOWN_CUSTOMER = 1830018302;
    private static final String ADDRESS = "203.0.113.183";
    private static final List<String> VALUES = List.of("Balthasarius", "Kreuzwertheim", "b.kreuzwertheim@example.org",
            ADDRESS);
    /** Partitioned tables, but not their partitions. */
    private static final String IS_TABLE = "c.relkind in ('r', 'p') and not c.relispartition"
            + " and c.relnamespace = current_schema()::regnamespace";
    private static final String ACTIVITY = """
            {"activity_id":%d,"customer_id":%d,"ip_address":"203.0.113.183","activity_type":"deposit",
             "propensity_to_buy":0.5,"note":"for Balthasarius Kreuzwertheim, b.kreuzwertheim@example.org"}""";

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    @Test
    void erasesACustomerFromEveryTable() throws SQLException {
        // Given: a customer with activities that were parked, decided, logged, posted and simulated, and with requests
        // for recommendations; and a parked activity of a customer who never arrives
        RecordPosition early = traffic.send(SandboxTopics.ACTIVITY, Integer.toString(CUSTOMER),
                ACTIVITY.formatted(2, CUSTOMER));
        bank("insert into customers values (" + CUSTOMER + ", 'Balthasarius', 'Kreuzwertheim', "
                + "'b.kreuzwertheim@example.org', 'Male', 60000, 700)");
        traffic.awaitOffer(early);
        given().contentType("application/json").header("Idempotency-Key", "ErasureIT-" + System.nanoTime())
                .body(ACTIVITY.formatted(3, CUSTOMER)).when().post("/activities").then().statusCode(202);
        await().atMost(TIMEOUT).untilAsserted(
                () -> when().get("/customers/" + CUSTOMER + "/decisions").then().body("decisions", hasSize(2)));
        when().get("/customers/" + CUSTOMER + "/offer/explanation").then().statusCode(200);
        when().get("/recommend/" + CUSTOMER).then().statusCode(422);
        given().contentType("application/json")
                .body("{\"customer_id\":" + CUSTOMER + ",\"first_name\":\"Balthasarius\"}")
                .when().post("/recommend").then().statusCode(400);
        simulate("\"samples\": [{\"activity\": " + ACTIVITY.formatted(4, CUSTOMER)
                + ", \"customer\": {\"income\": 60000, \"fico\": 700, \"last_name\": \"Kreuzwertheim\"}}]");
        simulate("\"days\": 1, \"minimum_group_size\": 5, \"group_by\": [\"activity.activity_type\"]");
        RecordPosition parked = traffic.send(SandboxTopics.ACTIVITY, Integer.toString(UNKNOWN_CUSTOMER),
                ACTIVITY.formatted(1, UNKNOWN_CUSTOMER));
        await().atMost(TIMEOUT).until(() -> isParked(UNKNOWN_CUSTOMER));
        assertThat(locations()).as("stored before the delete").contains("customer.attributes", "latest_offer.decision",
                "parked_activity.record_value", "decision_block.content");

        // When
        bank("delete from customers where customer_id = " + CUSTOMER);
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":" + UNKNOWN_CUSTOMER + "}", null);

        // Then
        assertThat(TestTraffic.header(traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, parked), "dead-letter-reason"))
                .isEqualTo("customer-erased");
        // Debezium brings this delete, which can take longer
        await().atMost(TIMEOUT).untilAsserted(() -> when().get("/customers/" + CUSTOMER + "/offer").then()
                .statusCode(404).body("type", is("customer-unknown")));
        // The marker row that keeps an older change from restoring the customer
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(locations()).containsOnly("customer.customer_id"));
    }

    @Test
    void privacyPageListsAllTables() throws SQLException, IOException {
        Set<String> tables = new TreeSet<>();
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select c.relname from pg_class c where\s""" + IS_TABLE)) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }

        assertThat(documented("## In Postgres")).isEqualTo(tables);
    }

    @Test
    void privacyPageListsAllTopics() throws IOException {
        assertThat(documented("## In Kafka")).containsExactlyInAnyOrder(SandboxTopics.ACTIVITY, SandboxTopics.CUSTOMERS,
                SandboxTopics.OFFERS, SandboxTopics.TRACES, SandboxTopics.ACTIVITY_DEAD_LETTER,
                SandboxTopics.CUSTOMERS_DEAD_LETTER,
                SandboxTopics.TRACES_DEAD_LETTER);
    }

    private static void simulate(String cases) {
        String body = "{\"strategy\": {\"name\": \"banking\", \"version\": 1}, " + cases + "}";
        String id = given().contentType("application/json").body(body).when().post("/simulations").then()
                .statusCode(202).extract().path("simulation_id");
        await().atMost(TIMEOUT)
                .untilAsserted(() -> when().get("/simulations/" + id).then().body("state", is("done")));
    }

    /** A faster check than {@link #locations}, because activities are parked for 20 s only. */
    private boolean isParked(int customer) throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet row = statement.executeQuery(
                        "select exists (select from parked_activity where customer_id = '" + customer + "')")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** The columns that contain a value of the customers, as {@code table.column}. */
    private Set<String> locations() throws SQLException {
        var values = new ArrayList<>(VALUES);
        values.add(Integer.toString(CUSTOMER));
        values.add(Integer.toString(UNKNOWN_CUSTOMER));
        String[] patterns = values.stream().map(value -> "%" + value.toLowerCase(Locale.ROOT) + "%")
                .toArray(String[]::new);
        Set<String> found = new TreeSet<>();
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement columns = nbo.createStatement();
                ResultSet column = columns.executeQuery("""
                        select c.relname, a.attname, a.atttypid = 'bytea'::regtype
                        from pg_class c join pg_attribute a on a.attrelid = c.oid
                        where a.attnum > 0 and not a.attisdropped and\s""" + IS_TABLE)) {
            while (column.next()) {
                String text = column.getBoolean(3)
                        ? "encode(\"" + column.getString(2) + "\", 'escape')"
                        : "\"" + column.getString(2) + "\"::text";
                try (PreparedStatement search = nbo.prepareStatement("select exists (select from \""
                        + column.getString(1) + "\" where lower(" + text + ") like any (?))")) {
                    search.setArray(1, nbo.createArrayOf("text", patterns));
                    ResultSet there = search.executeQuery();
                    there.next();
                    if (there.getBoolean(1)) {
                        found.add(column.getString(1) + "." + column.getString(2));
                    }
                }
            }
        }
        if (isLogged(values)) {
            found.add("decision_block.content");
        }
        return found;
    }

    /** Whether the decision log, which is compressed, contains one of these values. */
    private boolean isLogged(List<String> values) {
        try (var log = new DecisionLogAccess(sandbox.postgres())) {
            return log.since(Instant.EPOCH).stream().anyMatch(
                    decision -> values.stream().anyMatch(value -> decision.toString().contains(value)));
        }
    }

    /** The first column of the table below a heading of docs/privacy.md. */
    private static Set<String> documented(String heading) throws IOException {
        String text = Files.readString(Path.of("docs/privacy.md"));
        assertThat(text).contains(heading + "\n");
        String section = text.substring(text.indexOf(heading + "\n") + heading.length()).split("\n## ")[0];
        return section.lines().filter(line -> line.startsWith("| `"))
                .flatMap(line -> Pattern.compile("`([^`]+)`").matcher(line.split("\\|")[1]).results())
                .map(match -> match.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private void bank(String statement) throws SQLException {
        sandbox.postgres().executeInBank(statement);
    }
}
