package io.nextbestoffer.customer;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.CustomerChange.Deleted;
import io.nextbestoffer.customer.CustomerChange.Stored;
import io.nextbestoffer.customer.CustomerChange.Truncated;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Tests the SQL statements in a real Postgres. */
@OwnInfrastructure
class ChangePlanIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static ServiceDatabase database;
    private static Pool pool;

    private final CustomerRows rows = new CustomerRows(pool);

    @BeforeAll
    static void start() {
        database = new ServiceDatabase();
        pool = database.pool(3, Map.of());
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void clear() throws SQLException {
        database.execute("truncate customer, customer_truncation");
    }

    @Test
    void keepsValuesThatPostgresDidNotSend() {
        apply(stored("a", 1, "{\"income\":150000,\"existing_products\":[\"fund\",1e2],\"notes\":\"long\"}"));

        var applied = apply(stored("a", 2, "{\"income\":151000}", "notes", "existing_products"));

        assertThat(attributes("a"))
                .isEqualTo("{\"income\":151000,\"notes\":\"long\",\"existing_products\":[\"fund\",100.0]}");
        assertThat(applied.missing()).isZero();
    }

    /** Several changes of a customer in one batch, some without a value that an earlier one has. */
    @Test
    void keepsValuesWithinOneBatch() {
        apply(stored("a", 1, "{\"income\":1,\"notes\":\"old\"}"), stored("a", 2, "{\"income\":2}", "notes"),
                stored("a", 3, "{\"income\":2,\"notes\":\"new\"}"), stored("a", 4, "{\"income\":3}", "notes"));

        assertThat(attributes("a")).isEqualTo("{\"income\":3,\"notes\":\"new\"}");
    }

    @Test
    void omitsAndCountsUnknownValues() {
        var first = apply(stored("a", 1, "{\"income\":1}", "notes", "photo"));
        var second = apply(stored("a", 2, "{\"income\":2,\"photo\":\"x\"}", "notes"));

        assertThat(List.of(first.missing(), second.missing())).containsExactly(2, 1);
        assertThat(attributes("a")).isEqualTo("{\"income\":2,\"photo\":\"x\"}");
        assertThat(text("select array_to_string(missing_attributes, ',') from customer")).isEqualTo("notes");

        assertThat(apply(stored("a", 3, "{\"income\":2,\"notes\":\"y\"}")).missing()).isZero();
        assertThat(text("select count(*) from customer where missing_attributes is null")).isEqualTo("1");
    }

    @Test
    void ignoresOlderChangesAndValuesFromBeforeADelete() {
        apply(stored("a", 5, "{\"income\":5,\"notes\":\"five\"}"));
        apply(stored("a", 4, "{\"income\":4}", "notes"));
        assertThat(attributes("a")).isEqualTo("{\"income\":5,\"notes\":\"five\"}");

        apply(new Deleted(Id.of("a"), order(6)));
        apply(stored("a", 7, "{\"income\":7}", "notes"));

        assertThat(attributes("a")).isEqualTo("{\"income\":7}");
    }

    @Test
    void ignoresADeleteOfAnotherRowOfTheSameCustomer() {
        apply(row("a", 1, "{\"branch\":\"A\"}"));
        apply(row("a", 2, "{\"branch\":\"B\"}"));

        assertThat(apply(new Deleted(Id.of("a"), order(3), "{\"branch\":\"A\"}")).count()).isZero();
        assertThat(attributes("a")).isEqualTo("{}");

        assertThat(apply(new Deleted(Id.of("a"), order(4), "{\"branch\":\"B\"}")).deleted()).containsExactly("a");
        assertThat(text("select count(*) from customer where attributes is null and row_key is null")).isEqualTo("1");
    }

    /**
     * Two replicas: one has changed b and is about to change a; the other applies a truncate, which locks a before b.
     */
    @Test
    void appliesATruncateConcurrentlyWithoutDeadlock() throws Exception {
        apply(stored("a", 1, "{}"), stored("b", 2, "{}"));
        SqlConnection replica = pool.getConnectionAndAwait();
        try {
            replica.query("begin").executeAndAwait();
            run(replica, stored("b", 3, "{\"income\":3}"));
            CompletableFuture<CustomerRows.Applied> truncate = pool
                    .withTransaction(plan(new Truncated(order(10)))::run)
                    .subscribeAsCompletionStage();
            awaitLock();

            run(replica, stored("a", 4, "{\"income\":4}"));
            replica.query("commit").executeAndAwait();

            truncate.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            assertThat(text("select count(*) from customer")).isEqualTo("0");
        } finally {
            replica.closeAndAwait();
        }
    }

    private static void awaitLock() throws InterruptedException {
        while (text("select count(*) from pg_locks where not granted").equals("0")) {
            Thread.sleep(10);
        }
    }

    private ChangePlan plan(CustomerChange... changes) {
        var plan = new ChangePlan(rows, List.of());
        List.of(changes).forEach(plan::add);
        return plan;
    }

    private CustomerRows.Applied apply(CustomerChange... changes) {
        return pool.withTransaction(plan(changes)::run).await().atMost(TIMEOUT);
    }

    private void run(SqlConnection connection, CustomerChange... changes) {
        plan(changes).run(connection).await().atMost(TIMEOUT);
    }

    private static Stored stored(String id, long lsn, String attributes, String... missing) {
        return new Stored(new Customer(Id.of(id), JsonReader.object(JsonReader.utf8(attributes))), order(lsn), false,
                List.of(missing), null);
    }

    private static Stored row(String id, long lsn, String row) {
        return new Stored(new Customer(Id.of(id), JsonReader.object(JsonReader.utf8("{}"))), order(lsn), false,
                List.of(), row);
    }

    private static ChangeOrder order(long lsn) {
        return new ChangeOrder(lsn, lsn, new RecordPosition(new UUID(0, 1), 0, lsn));
    }

    private static String attributes(String id) {
        return text("select attributes::text from customer where customer_id = '" + id + "'");
    }

    private static String text(String query) {
        var row = pool.query(query).executeAndAwait().iterator().next();
        return String.valueOf(row.getValue(0));
    }
}
