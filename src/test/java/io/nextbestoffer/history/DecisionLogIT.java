package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.InflaterInputStream;

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

    private final DecisionIndex index = new DecisionIndex(pool, CLOCK);
    private final DecisionLog log = new DecisionLog(pool, index, CLOCK);
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
        database.execute("truncate customer, customer_truncation");
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
                + "relname like 'decision_block_2%'");
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

    private List<LoggedDecision> all() {
        return get(log.after(LoggedDecision.LogCursor.at(Instant.EPOCH), 100_000));
    }

    /** The customers of all decisions, in the order of the log. */
    private String customers() {
        return all().stream().map(LoggedDecision::customer).collect(Collectors.joining(" "));
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

        assertThat(ask("select string_agg(day || ' ' || tableoid::regclass, ', ' order by day) from decision_block"))
                .isEqualTo("2026-02-28 decision_block_20260228, 2026-03-01 decision_block_20260301");
        assertThat(ask("select string_agg(distinct day || ' ' || tableoid::regclass, ', ') from decision_index"))
                .isEqualTo("2026-02-28 decision_index_20260228, 2026-03-01 decision_index_20260301");
    }

    @Test
    void storesOnlyDecisionsForKnownCustomers() {
        store(decision(1, "a", "2026-03-01T00:00:00Z"), decision(2, "d", "2026-03-01T00:00:00Z"),
                decision(3, "unknown", "2026-03-01T00:00:00Z"));

        assertThat(customers()).isEqualTo("a");
    }

    @Test
    void returnsTheLaterOfTwoDecisionsWithOneId() {
        store(decision(1, "a", "2026-03-01T00:00:00.002Z", "first"));
        store(decision(1, "a", "2026-03-01T00:00:00.002Z", "first"));
        store(decision(1, "a", "2026-03-01T00:00:00.004Z", "second"));
        store(decision(1, "a", "2026-03-01T00:00:00.001Z", "late"));
        store(decision(2, "a", "2026-03-01T00:00:00.003Z", "other"));

        assertThat(get(log.find(new UUID(0, 1))).decision()).isEqualTo("second");
        for (int limit = 1; limit < 4; limit++) {
            var read = new ArrayList<String>();
            var before = LoggedDecision.LogCursor.END;
            for (List<LoggedDecision> page; !(page = get(log.ofCustomer("a", before, limit))).isEmpty();) {
                page.forEach(one -> read.add(one.decision()));
                before = page.get(page.size() - 1).cursor();
            }
            assertThat(read).as("in pages of %d", limit).containsExactly("second", "other");
        }
    }

    @Test
    void keepsTheLaterOfTwoDecisionsWithOneIdAtAboutTheSameTime() {
        store(decision(1, "a", "2026-03-01T00:00:00.002Z", "first"), decision(2, "a", "2026-03-01T00:00:00.004Z"));
        store(decision(1, "a", "2026-03-01T00:00:00.003Z", "second"), decision(3, "b", "2026-03-01T00:00:00.004Z"));
        store(decision(1, "a", "2026-03-01T00:00:00.001Z", "late"), decision(4, "b", "2026-03-01T00:00:00.004Z"));

        assertThat(ids(all())).containsExactly(1, 2, 3, 4);
        assertThat(all().get(0).decision()).isEqualTo("second");
    }

    /** The records of a topic are read again with other ones than the first time, by two replicas at once. */
    @Test
    void storesDecisionsOnceHoweverTheyAreReadAgain() {
        List<LoggedDecision> decisions = IntStream.range(0, 3_000).mapToObj(
                i -> decision(i, i % 3 == 0 ? "a" : "b", NOW.minusSeconds(3_000).plusMillis(i / 7 * 40L).toString()))
                .toList();
        var random = new Random(1);
        for (int part : new int[]{1_000, 700, 1_300}) {
            var saves = new ArrayList<Uni<Void>>();
            for (int begin = 0; begin < decisions.size(); begin += part) {
                var shuffled = new ArrayList<>(decisions.subList(begin, Math.min(begin + part, decisions.size())));
                Collections.shuffle(shuffled, random);
                saves.add(log.save(shuffled));
            }
            get(partitions.create(Set.of(TODAY.minusDays(1), TODAY)));
            get(Uni.join().all(saves).andCollectFailures());
            get(index.merge());
        }

        assertThat(all()).isEqualTo(decisions);
        assertThat(get(log.ofCustomer("a", LoggedDecision.LogCursor.END, 10_000))).hasSize(1_000);
    }

    @Test
    void storesNoDecisionsFromBeforeACustomerCameBack() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        database.execute("update customer set erased_at = '2026-03-01T00:00:02Z' where customer_id = 'a'");

        store(decision(2, "a", "2026-03-01T00:00:02Z"), decision(3, "a", "2026-03-01T00:00:02.001Z"),
                decision(4, "b", "2026-03-01T00:00:02Z"));

        assertThat(ids(all())).containsExactly(1, 4, 3);
    }

    /** That a customer is known is remembered for some minutes. */
    @Test
    void noticesThatARememberedCustomerIsGone() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"), decision(2, "b", "2026-03-01T00:00:00Z"));
        database.execute("update customer set attributes = null, changed_at = now() where customer_id = 'a'");
        store(decision(3, "a", "2026-03-01T00:00:01Z"), decision(4, "b", "2026-03-01T00:00:01Z"));
        database.execute("update customer set attributes = '{}', changed_at = now() where customer_id = 'a'");
        store(decision(5, "a", "2026-03-01T00:00:02Z"), decision(6, "b", "2026-03-01T00:00:02Z"));
        database.execute("delete from customer where customer_id = 'b'");
        database.execute("insert into customer_truncation (topic_id, topic_partition, topic_offset, truncated_at)"
                + " values (gen_random_uuid(), 0, 1, now())");
        store(decision(7, "a", "2026-03-01T00:00:03Z"), decision(8, "b", "2026-03-01T00:00:03Z"));

        assertThat(ids(all())).containsExactly(1, 2, 4, 5, 6, 7);
    }

    @Test
    void looksUpCustomersWhenManyWereDeletedOrCameBack() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"), decision(2, "b", "2026-03-01T00:00:00Z"));
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset,
                    erased_at)
                select 'c' || n, false, case when n % 2 = 0 then '{}'::json end, gen_random_uuid(), 0, 0,
                    '2026-03-01T00:00:02Z'
                from generate_series(1, 3000) n""");
        database.execute("update customer set attributes = null, changed_at = now() where customer_id = 'a'");

        store(decision(3, "a", "2026-03-01T00:00:03Z"), decision(4, "b", "2026-03-01T00:00:01Z"),
                decision(5, "c1", "2026-03-01T00:00:03Z"), decision(6, "c2", "2026-03-01T00:00:01Z"),
                decision(7, "c2", "2026-03-01T00:00:03Z"), decision(8, "unknown", "2026-03-01T00:00:03Z"));

        assertThat(ids(all())).containsExactly(1, 2, 4, 7);
    }

    @Test
    void findsDecisionsAfterManyRowsOfTheIndexWereMerged() throws SQLException {
        var all = new ArrayList<LoggedDecision>();
        for (int i = 0; i < 20_000; i++) {
            all.add(decision(i, "c" + i % 700, NOW.minusSeconds(100_000 - i * 5L).toString()));
        }
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                select 'c' || n, false, '{}', gen_random_uuid(), 0, 0 from generate_series(0, 699) n""");
        for (int begin = 0; begin < all.size(); begin += 200) {
            store(all.subList(begin, begin + 200).toArray(LoggedDecision[]::new));
        }
        String unmerged = "select count(*) from decision_index where bucket = 1 and day < '2026-03-01'";
        assertThat(ask(unmerged)).isNotEqualTo("0");

        assertThat(get(index.merge())).isPositive();

        assertThat(ask(unmerged)).isEqualTo("0");
        assertThat(ask("select max(entries) < 1000 from decision_index")).isEqualTo("t");
        for (int i = 0; i < all.size(); i += 97) {
            assertThat(get(log.find(all.get(i).decisionId()))).isEqualTo(all.get(i));
        }
        for (int customer = 0; customer < 700; customer += 69) {
            int id = customer;
            assertThat(ids(get(log.ofCustomer("c" + id, LoggedDecision.LogCursor.END, 1_000))))
                    .isEqualTo(IntStream.iterate(19_999, i -> i >= 0, i -> i - 1).filter(i -> i % 700 == id).boxed()
                            .toList());
        }
        assertThat(get(log.find(Set.of(new UUID(0, 5), new UUID(0, 19_000), new UUID(7, 7)),
                Set.of(all.get(5).day())))).containsOnlyKeys(new UUID(0, 5));
        get(pool.withTransaction(transaction -> log.erase(transaction, List.of("c5", "c6"))));
        assertThat(all()).isEqualTo(all.stream().filter(one -> !Set.of("c5", "c6").contains(one.customer())).toList());
        assertThat(get(index.merge())).isZero();
    }

    @Test
    void keepsTheIndexOfADayWithFewDecisionsSmall() throws SQLException {
        store(decision(0, "a", "2026-03-01T00:00:00Z"));
        String rows = "select count(*) from decision_index where kind = 0";
        for (int merge = 1; merge <= 2; merge++) {
            database.execute("""
                    insert into decision_index
                    select day, kind, 1, 1, array[n], array[n], array[n]
                    from generate_series(1, 256) n, (select distinct day, kind from decision_index) one""");
            assertThat(get(index.merge())).isGreaterThanOrEqualTo(256);
            assertThat(ask(rows)).isEqualTo("1");
        }

        assertThat(ask("select entries from decision_index where kind = 0")).isEqualTo("513");
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(0);
        assertThat(get(log.find(new UUID(0, 0)))).isNotNull();
    }

    @Test
    void leavesOutABlockThatCannotBeRead() throws SQLException {
        store(decision(1, "a", "2026-02-28T00:00:00Z"));
        store(decision(2, "a", "2026-03-01T00:00:00Z"));
        store(decision(3, "a", "2026-03-01T00:00:01Z"));
        database.execute("update decision_block set content = set_byte(content, 12, get_byte(content, 12) # 255)"
                + " where block = (select max(block) - 1 from decision_block)");

        assertThat(ids(all())).containsExactly(1, 3);
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(3, 1);
        assertThat(get(log.find(new UUID(0, 2)))).isNull();
        get(pool.withTransaction(transaction -> log.erase(transaction, List.of("a"))));
        assertThat(ask("select max(length(content)) < 30 from decision_block")).as("nothing of it stays")
                .isEqualTo("t");
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
                insert into decision_block
                select day, nextval('decision_block_number'), day + n * interval '4 seconds',
                    day + n * interval '4 seconds', ''::bytea, repeat('x', 4000)::bytea
                from unnest(array['2026-02-28', '2026-03-01']::date[]) as day, generate_series(1, 20000) n
                """);
        database.execute("""
                insert into decision_index
                select day, kind, n, 2, array[n, n + 1], array[1, 2], array[n, n + 1]
                from unnest(array['2026-02-28', '2026-03-01']::date[]) as day, generate_series(0, 1) kind,
                    generate_series(1, 4095) n
                """);
        database.execute("analyze decision_block");
        database.execute("analyze decision_index");

        assertThat(assertPlan("""
                select content from decision_block
                where day >= $1 and (first_at, last_at, block) > ($2, $3, $4) and last_at >= $5
                order by first_at, last_at, block limit $6""",
                "date, timestamptz, timestamptz, bigint, timestamptz, int",
                "'2026-02-28', '2026-02-28T01:00:00Z', '2026-02-28T01:00:00Z', 5, '2026-02-28T01:00:01Z', 30"))
                .as("a page does not sort all decisions after it").doesNotContain("Sort  (");
        assertPlan("""
                select b.ids
                from unnest($1::date[], $2::timestamptz[], $3::timestamptz[]) as n (day, first_at, last_at)
                join decision_block b on b.day = n.day and b.first_at <= n.last_at and b.last_at >= n.first_at
                    and b.first_at >= n.first_at - $4::bigint * interval '1 second'
                """, "date[], timestamptz[], timestamptz[], bigint", "'{2026-02-28}', array[now()], array[now()], 1");
        assertPlan("""
                select b.content
                from unnest($1::date[], $2::bigint[]) as n (day, block)
                join decision_block b on b.day = n.day and b.block = n.block
                """, "date[], bigint[]", "'{2026-02-28}', '{7}'");
        assertPlan("""
                select i.day, e.block
                from unnest($2::bigint[]) as q (hash)
                join decision_index i on i.kind = $1 and i.bucket = any(decision_index_buckets(q.hash))
                    and q.hash = any(i.hashes)
                cross join unnest(i.hashes, i.blocks) as e (hash, block)
                where e.hash = q.hash
                """, "int, bigint[]", "1, '{7,8}'");
        assertPlan("select customer_id from customer where attributes is not null and erased_at is not null"
                + " and erased_at >= $1", "timestamptz", "now()");
    }

    private static String assertPlan(String query, String types, String values) throws SQLException {
        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            for (String setting : List.of("plan_cache_mode = force_generic_plan", "enable_seqscan = off")) {
                statement.execute("set " + setting);
            }
            statement.execute("prepare query(" + types + ") as " + query);
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

        assertThat(customers()).isEqualTo("b");
    }

    @Test
    void erasesTheContentOfBlocks() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z", "of Balthasarius"),
                decision(2, "b", "2026-03-01T00:00:00Z", "of Melchiora"));
        byte[] before = content();

        get(pool.withTransaction(transaction -> log.erase(transaction, List.of("a"))));

        assertThat(raw(before)).contains("of Balthasarius", "of Melchiora");
        assertThat(raw(content())).contains("of Melchiora").doesNotContain("Balthasarius");
        assertThat(get(log.find(new UUID(0, 1)))).isNull();
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).isEmpty();
        assertThat(ofCustomer("b", LoggedDecision.LogCursor.END, 10)).containsExactly(2);
    }

    /** The only block. */
    private static byte[] content() throws SQLException {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery("select content from decision_block")) {
            found.next();
            byte[] content = found.getBytes(1);
            assertThat(found.next()).isFalse();
            return content;
        }
    }

    private static String raw(byte[] content) {
        try (var in = new InflaterInputStream(new ByteArrayInputStream(content, 5, content.length - 5))) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void erasesWhatThePreviousReleaseStored() throws SQLException {
        database.execute("""
                create table decision_trace_20260301 partition of decision_trace
                for values from ('2026-03-01') to ('2026-03-02')""");
        database.execute("""
                insert into decision_trace
                select '2026-03-01', gen_random_uuid(), c, '2026-03-01T00:00:00Z', 's', 1, '5', '{}', null
                from unnest(array['a', 'b']) c""");

        get(pool.withTransaction(transaction -> log.erase(transaction, List.of("a"))));

        assertThat(ask("select string_agg(customer_id, ' ') from decision_trace")).isEqualTo("b");
        assertThat(get(partitions.dropBefore(TODAY.plusDays(1)))).isEqualTo(1);
    }

    @Test
    void doesNotStoreDecisionsForACustomerBeingErased() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        var erasure = pool.getConnection().await().atMost(TIMEOUT);
        try {
            var erasing = get(erasure.begin());
            get(erasure.query("update customer set attributes = null, changed_at = now() where customer_id = 'a'")
                    .execute());
            get(log.erase(erasure, List.of("a")));

            var saved = log.save(List.of(decision(2, "a", "2026-03-01T00:00:01Z"),
                    decision(3, "b", "2026-03-01T00:00:01Z"))).subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);
            get(erasing.commit());
            saved.join();
        } finally {
            get(erasure.close());
        }

        assertThat(customers()).isEqualTo("b");
    }

    @Test
    void waitsWithAnErasureForDecisionsBeingStored() throws SQLException {
        store(decision(1, "b", "2026-03-01T00:00:00Z"));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            // Delays the save, after it has found that the customer is known
            statement.execute("lock table decision_index in exclusive mode");
            var saved = log.save(List.of(decision(2, "a", "2026-03-01T00:00:00Z"))).subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);

            var erased = pool.withTransaction(transaction -> log.erase(transaction, List.of("a")))
                    .subscribeAsCompletionStage();
            await().until(() -> waiting() == 2);
            other.commit();
            saved.join();
            erased.join();
        }

        assertThat(customers()).isEqualTo("b");
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

        assertThat(customers()).isEqualTo("b");
        assertThat(get(log.eraseDeleted())).isZero();
    }

    @Test
    void erasesRemainingDecisionsInChunks() throws SQLException {
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                select 'gone-' || n, false, '{}', gen_random_uuid(), 0, 0 from generate_series(1, 2500) n""");
        store(IntStream.rangeClosed(0, 2_500).mapToObj(
                i -> decision(i, i == 0 ? "b" : "gone-" + i, "2026-03-01T00:00:00Z")).toArray(LoggedDecision[]::new));
        database.execute("update customer set attributes = null where customer_id like 'gone-%'");

        assertThat(get(log.eraseDeleted())).isEqualTo(2_500);

        assertThat(customers()).isEqualTo("b");
    }

    /** A customer who comes back during the erasure keeps the decisions made since. */
    @Test
    void erasesNothingForACustomerWhoCameBack() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        try (Connection storing = database.connect(); Statement statement = storing.createStatement()) {
            database.execute("update customer set attributes = null where customer_id = 'a'");
            storing.setAutoCommit(false);
            statement.execute("select pg_advisory_xact_lock(%d)".formatted(DecisionLog.LOCK));
            var erased = log.eraseDeleted().subscribeAsCompletionStage();
            await().until(() -> waiting() == 1);
            database.execute("update customer set attributes = '{}' where customer_id = 'a'");
            storing.commit();
            erased.join();
        }

        assertThat(customers()).isEqualTo("a");
    }

    @Test
    void createsAPartitionWhileDecisionsAreReadAndStored() throws SQLException {
        store(decision(1, "a", "2026-02-28T00:00:00Z"));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table decision_block in row exclusive mode");

            get(partitions.create(Set.of(TODAY)));
        }

        store(decision(2, "a", "2026-03-01T00:00:00Z"));
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(2, 1);
        assertThat(ask("select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                + " where c.relname ~ 'decision_(block|index)_20260301' and c.relkind = 'i'"))
                .as("indexes attached to those of the table").isEqualTo("3");
    }

    @Test
    void dropsNoPartitionWhileDecisionsAreRead() throws SQLException {
        store(decision(1, "a", "2026-01-01T00:00:00Z"));
        try (Connection reading = database.connect(); Statement statement = reading.createStatement()) {
            reading.setAutoCommit(false);
            statement.execute("select from decision_block");

            assertThatThrownBy(() -> get(partitions.dropBefore(TODAY))).hasMessageContaining("lock timeout");
            assertThat(waiting()).as("no statement waits behind it").isZero();
        }

        assertThat(get(partitions.dropBefore(TODAY))).isEqualTo(2);
    }

    @Test
    void cancelsTheQueryForAPageWhenTheCallerTimesOut() throws SQLException {
        store(decision(1, "a", "2026-03-01T00:00:00Z"));
        var hurried = new DecisionLog(pool, index, CLOCK, Duration.ofSeconds(3));
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table decision_block in access exclusive mode");

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

        assertThat(partitionNames()).isEqualTo("decision_block_20260225 decision_block_20260226 decision_block_20260227"
                + " decision_block_20260228 decision_block_20260301");
    }

    @Test
    void dropsPartitionsOfEarlierDays() {
        store(decision(1, "a", "2026-01-31T23:59:59Z"), decision(2, "a", "2026-02-01T00:00:00Z"),
                decision(3, "a", "2025-12-31T00:00:00Z"));

        assertThat(get(partitions.dropBefore(LocalDate.of(2026, 2, 1)))).isEqualTo(4);

        assertThat(partitionNames()).isEqualTo("decision_block_20260201");
        assertThat(ofCustomer("a", LoggedDecision.LogCursor.END, 10)).containsExactly(2);
    }

    @Test
    void recreatesAPartitionThatAnotherReplicaDropped() {
        store(decision(1, "a", "2026-02-01T00:00:00Z"));
        get(new DecisionLogPartitions(pool).dropBefore(TODAY));

        assertThatThrownBy(() -> store(decision(1, "a", "2026-02-01T00:00:00Z"))).hasMessageContaining("no partition");
        partitions.forget();
        store(decision(1, "a", "2026-02-01T00:00:00Z"));

        assertThat(partitionNames()).isEqualTo("decision_block_20260201");
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
