package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Runs the statements in a real Postgres. Customers a and b are known, d was deleted. */
@OwnInfrastructure
class DecisionLogIT {

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:01Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final LocalDate TODAY = LocalDate.of(2026, 3, 1);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static ServiceDatabase database;
    private static Pool pool;

    private final DecisionLog log = new DecisionLog(pool, CLOCK);
    private final DecisionLogPartitions partitions = new DecisionLogPartitions(pool);

    @BeforeAll
    static void start() {
        database = new ServiceDatabase();
        pool = database.pool(8, ServiceDatabase.PLANS_OF_THE_SERVICE);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        get(partitions.dropBefore(LocalDate.of(9999, 1, 1)));
        database.execute("truncate customer");
        for (String customer : List.of("a", "b", "d")) {
            database.execute("""
                    insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                    values ('%s', false, %s, '%s', 0, 0)
                    """.formatted(customer, customer.equals("d") ? "null" : "'{}'", new UUID(0, 1)));
        }
    }

    private static String ask(String sql) {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String partitionNames() {
        return ask("select string_agg(relname, ' ' order by relname) from pg_class where relkind = 'r' and "
                + "relname like 'decision_trace_2%'");
    }

    private static <T> T get(Uni<T> step) {
        return step.await().atMost(TIMEOUT);
    }

    private static LoggedDecision decision(int id, String customer, String time) {
        return decision(id, customer, time, "{\"decision\":" + id + "}");
    }

    private static LoggedDecision decision(int id, String customer, String time, String decision) {
        return new LoggedDecision(new UUID(0, id), customer, Instant.parse(time), "banking", 1, "5", decision, null);
    }

    private void store(LoggedDecision... all) {
        get(partitions.create(List.of(all).stream().map(LoggedDecision::day).toList())
                .chain(() -> log.save(List.of(all))));
    }

    private List<Integer> ofCustomer(String customer, LoggedDecision.LogCursor before, int limit) {
        return ids(get(log.ofCustomer(customer, before, limit)));
    }

    private static List<Integer> ids(List<LoggedDecision> found) {
        return found.stream().map(one -> (int) one.decisionId().getLeastSignificantBits()).toList();
    }

    @Test
    void findsStoredDecisions() {
        var inputs = new LoggedDecision(new UUID(-1, 1), "a", Instant.parse("2026-02-28T12:00:00.123456Z"), "s", 7,
                "offer",
                "{\"é\" :  \"\\u0000\"}", "{\"x\":1.0}");
        store(inputs, decision(2, "a", "2026-03-01T00:00:00Z"));

        assertThat(get(log.find(inputs.decisionId()))).isEqualTo(inputs);
        assertThat(get(log.find(new UUID(0, 2)))).isEqualTo(decision(2, "a", "2026-03-01T00:00:00Z"));
        assertThat(get(log.find(new UUID(0, 3)))).isNull();
    }

    @Test
    void storesDecisionsInThePartitionOfTheirDayInUtc() {
        store(decision(1, "a", "2026-02-28T23:59:59.999999Z"), decision(2, "a", "2026-03-01T00:00:00Z"));

        assertThat(ask("select string_agg(decision_id::text || tableoid::regclass, ' ' order by decision_id)"
                + " from decision_trace")).isEqualTo(new UUID(0, 1) + "decision_trace_20260228 " + new UUID(0, 2)
                        + "decision_trace_20260301");
    }

    @Test
    void storesOnlyDecisionsForKnownCustomers() {
        store(decision(1, "a", "2026-03-01T00:00:00Z"), decision(2, "d", "2026-03-01T00:00:00Z"),
                decision(3, "unknown", "2026-03-01T00:00:00Z"));

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("a");
    }

    @Test
    void keepsTheLaterOfTwoDecisionsWithOneId() {
        store(decision(1, "a", "2026-03-01T00:00:00.002Z", "first"));
        store(decision(1, "a", "2026-03-01T00:00:00.002Z", "first"));
        store(decision(1, "b", "2026-03-01T00:00:00.003Z", "second"));
        store(decision(1, "a", "2026-03-01T00:00:00.001Z", "late"));

        assertThat(ask("select string_agg(customer_id || decision, ' ') from decision_trace")).isEqualTo("bsecond");
    }

    @Test
    void findsTheLatestOfDifferentDays() {
        store(decision(1, "a", "2026-03-01T00:00:00Z", "second"), decision(1, "a", "2026-02-28T00:00:00Z", "first"));

        assertThat(get(log.find(new UUID(0, 1))).decision()).isEqualTo("second");
    }

    @Test
    void listsDecisionsForACustomerNewestFirstInPages() {
        store(decision(1, "a", "2026-02-01T00:00:00Z"), decision(2, "a", "2026-03-01T00:00:00Z"),
                decision(3, "a", "2026-03-01T00:00:00Z"), decision(4, "a", "2026-03-01T00:00:00Z"),
                decision(5, "b", "2026-03-01T00:00:00Z"));

        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(4, 3, 2, 1);
        List<LoggedDecision> first = get(log.ofCustomer("a", LoggedDecision.LogCursor.END, 2));
        assertThat(ids(first)).containsExactly(4, 3);
        assertThat(ofCustomer("a", first.get(1).cursor(), 2)).containsExactly(2, 1);
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.at(Instant.parse("2026-03-01T00:00:00Z")), 2))
                .containsExactly(1);
        assertThat(ofCustomer("unknown", LoggedDecision.LogCursor.END, 2)).isEmpty();
    }

    @Test
    void readsTheLastDaysInOrderOfTimeInPages() {
        var all = new ArrayList<LoggedDecision>();
        for (int i = 0; i < 1_000; i++) {
            // Days 0 to 3 before today, some at the same time
            all.add(decision(i, i % 2 == 0 ? "a" : "b",
                    NOW.minus(Duration.ofDays(3)).plusSeconds(i / 10 * 2_500L).toString()));
        }
        store(all.toArray(LoggedDecision[]::new));

        var read = new ArrayList<LoggedDecision>();
        List<LoggedDecision> page;
        for (LoggedDecision.LogCursor cursor = log.since(2); !(page = get(log.after(cursor, 64))).isEmpty();) {
            read.addAll(page);
            cursor = page.get(page.size() - 1).cursor();
        }

        assertThat(read).containsExactlyElementsOf(all.stream()
                .filter(one -> !one.decidedAt().isBefore(NOW.minus(Duration.ofDays(2)))).toList());
    }

    @Test
    void usesIndexesForAllLookUps() throws SQLException {
        get(partitions.create(Set.of(TODAY.minusDays(1), TODAY)));
        database.execute("""
                insert into decision_trace
                select day, gen_random_uuid(), (n % 1000)::text, day + n * interval '4 seconds', 'banking', 1, '5',
                    repeat('x', 400), null
                from unnest(array['2026-02-28', '2026-03-01']::date[]) as day, generate_series(1, 20000) n
                """);
        database.execute("analyze decision_trace");

        assertPlan("where decision_id = $1", "uuid", "gen_random_uuid()");
        assertPlan("where customer_id = $1 and (decided_at, decision_id) < ($2, $3)"
                + " order by decided_at desc, decision_id desc limit $4", "text, timestamptz, uuid, int",
                "'7', now(), gen_random_uuid(), 100");
        assertThat(assertPlan("where day >= ($1 at time zone 'UTC')::date and (decided_at, decision_id) > ($1, $2)"
                + " order by decided_at, decision_id limit $3", "timestamptz, uuid, int",
                "'2026-02-28T01:00:00Z', gen_random_uuid(), 1000"))
                .as("a page does not sort all decisions after it").doesNotContain("Sort  (");
        assertPlan("where customer_id = any($1)", "text[]", "'{7,8}'");
        assertPlan("t join customer c on c.customer_id = t.customer_id where c.customer_id = any($1)"
                + " and c.attributes is null", "text[]", "'{7,8}'");
    }

    private static String assertPlan(String where, String types, String values) throws SQLException {
        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            for (String setting : List.of("plan_cache_mode = force_generic_plan", "enable_seqscan = off")) {
                statement.execute("set " + setting);
            }
            statement.execute("prepare query(" + types + ") as select decision from decision_trace " + where);
            var plan = new StringBuilder();
            try (ResultSet lines = statement.executeQuery("explain execute query(" + values + ")")) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
            assertThat(plan.toString()).contains("Index Cond").doesNotContain("Seq Scan");
            return plan.toString();
        }
    }

    @Test
    void erasesDecisionsForACustomer() {
        store(decision(1, "a", "2026-02-28T00:00:00Z"), decision(2, "a", "2026-03-01T00:00:00Z"),
                decision(3, "b", "2026-03-01T00:00:00Z"));

        get(pool.withTransaction(transaction -> log.erase(transaction, List.of("a", "unknown"))));

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
    }

    @Test
    void doesNotStoreDecisionsForACustomerBeingErased() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        try (Connection erasing = database.connect(); Statement statement = erasing.createStatement()) {
            erasing.setAutoCommit(false);
            statement.execute("update customer set attributes = null where customer_id = 'a'");
            statement.execute("lock table decision_trace in share row exclusive mode");

            var saved = log.save(List.of(decision(2, "a", "2026-03-01T00:00:01Z"),
                    decision(3, "b", "2026-03-01T00:00:01Z"))).subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);
            statement.execute("delete from decision_trace where customer_id = 'a'");
            erasing.commit();
            saved.join();
        }

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
    }

    @Test
    void erasesOnlyAfterConcurrentlyStoredDecisionsAreCommitted() throws SQLException {
        store(decision(1, "b", "2026-03-01T00:00:00Z"));
        try (Connection storing = database.connect(); Statement statement = storing.createStatement()) {
            storing.setAutoCommit(false);
            statement
                    .execute("insert into decision_trace select day, '%s', 'a', decided_at, strategy, strategy_version,"
                            .formatted(new UUID(0, 2)) + " offer_id, decision, inputs from decision_trace");

            var erased = pool.withTransaction(transaction -> log.erase(transaction, List.of("a")))
                    .subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);
            storing.commit();
            erased.join();
        }

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
    }

    private static int waiting() {
        return Integer.parseInt(ask("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"));
    }

    @Test
    void erasesRemainingDecisionsForDeletedCustomers() throws SQLException {
        store(decision(1, "a", "2026-02-28T00:00:00Z"), decision(2, "a", "2026-03-01T00:00:00Z"),
                decision(3, "b", "2026-03-01T00:00:00Z"));
        assertThat(get(log.eraseDeleted())).isZero();
        database.execute("update customer set attributes = null where customer_id = 'a'");

        assertThat(get(log.eraseDeleted())).isEqualTo(1);

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
        assertThat(get(log.eraseDeleted())).isZero();
    }

    @Test
    void erasesRemainingDecisionsInChunks() throws SQLException {
        store(decision(0, "b", "2026-03-01T00:00:00Z"));
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                select 'gone-' || n, false, null, gen_random_uuid(), 0, 0 from generate_series(1, 2500) n""");
        database.execute("""
                insert into decision_trace
                select day, gen_random_uuid(), 'gone-' || n, decided_at, strategy, strategy_version, offer_id, decision,
                    inputs
                from decision_trace, generate_series(1, 2500) n""");

        assertThat(get(log.eraseDeleted())).isEqualTo(2_500);

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
    }

    /** A customer who comes back during the erasure keeps the decisions made since. */
    @Test
    void erasesNothingForACustomerWhoCameBack() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        try (Connection storing = database.connect(); Statement statement = storing.createStatement()) {
            database.execute("update customer set attributes = null where customer_id = 'a'");
            storing.setAutoCommit(false);
            statement.execute("lock table decision_trace in row exclusive mode");
            var erased = log.eraseDeleted().subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);
            database.execute("update customer set attributes = '{}' where customer_id = 'a'");
            storing.commit();
            erased.join();
        }

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("a");
    }

    @Test
    void createsAPartitionWhileDecisionsAreReadAndStored() throws SQLException {
        store(decision(1, "a", "2026-02-28T00:00:00Z"));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table decision_trace in row exclusive mode");

            get(partitions.create(Set.of(TODAY)));
        }

        store(decision(2, "a", "2026-03-01T00:00:00Z"));
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(2, 1);
        assertThat(ask("select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                + " where c.relname like 'decision_trace_20260301%' and c.relkind = 'i'"))
                .as("indexes attached to those of the table").isEqualTo("3");
    }

    @Test
    void dropsNoPartitionWhileDecisionsAreRead() throws SQLException {
        store(decision(1, "a", "2026-01-01T00:00:00Z"));
        try (Connection reading = database.connect(); Statement statement = reading.createStatement()) {
            reading.setAutoCommit(false);
            statement.execute("select from decision_trace");

            assertThatThrownBy(() -> get(partitions.dropBefore(TODAY))).hasMessageContaining("lock timeout");
            assertThat(waiting()).as("no statement waits behind it").isZero();
        }

        assertThat(get(partitions.dropBefore(TODAY))).isEqualTo(1);
    }

    @Test
    void cancelsTheQueryForAPageWhenTheCallerTimesOut() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        var hurried = new DecisionLog(pool, CLOCK, Duration.ofSeconds(3));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table decision_trace in access exclusive mode");

            assertThatThrownBy(() -> hurried.after(log.since(2), 10).await().atMost(Duration.ofSeconds(60)))
                    .isInstanceOf(TimeoutException.class);
            assertThat(waiting()).isZero();
        }

        assertThat(ids(get(log.after(log.since(2), 10)))).containsExactly(1);
    }

    @Test
    void createsTheSamePartitionsFromSeveralReplicasAtOnce() {
        List<LocalDate> wanted = IntStream.range(0, 5).mapToObj(TODAY::minusDays).toList();

        get(Uni.join().all(IntStream.range(0, 8).mapToObj(i -> new DecisionLogPartitions(pool).create(wanted)).toList())
                .andCollectFailures());

        assertThat(partitionNames()).isEqualTo("decision_trace_20260225 decision_trace_20260226 decision_trace_20260227"
                + " decision_trace_20260228 decision_trace_20260301");
    }

    @Test
    void dropsPartitionsOfEarlierDays() {
        store(decision(1, "a", "2026-01-31T23:59:59Z"), decision(2, "a", "2026-02-01T00:00:00Z"),
                decision(3, "a", "2025-12-31T00:00:00Z"));

        assertThat(get(partitions.dropBefore(LocalDate.of(2026, 2, 1)))).isEqualTo(2);

        assertThat(partitionNames()).isEqualTo("decision_trace_20260201");
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(2);
    }

    @Test
    void recreatesAPartitionThatAnotherReplicaDropped() {
        store(decision(1, "a", "2026-02-01T00:00:00Z"));
        get(new DecisionLogPartitions(pool).dropBefore(TODAY));

        assertThatThrownBy(() -> store(decision(1, "a", "2026-02-01T00:00:00Z"))).hasMessageContaining("no partition");
        partitions.forget();
        store(decision(1, "a", "2026-02-01T00:00:00Z"));

        assertThat(partitionNames()).isEqualTo("decision_trace_20260201");
    }

    @Test
    void queriesExistingPartitionsOnce() throws SQLException {
        get(partitions.create(Set.of(TODAY)));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(%d)".formatted(DecisionLogPartitions.LOCK));

            get(partitions.create(Set.of(TODAY)));
        }
    }
}
