package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/**
 * Runs the statements in a real Postgres. Customers a and b have a latest offer, with offset 5; c has none, and d
 * was deleted.
 */
@OwnInfrastructure
class LatestOffersIT {

    private static final UUID TOPIC = new UUID(0, 1);

    private static ServiceDatabase database;
    private static Pool pool;

    private final LatestOffers latest = new LatestOffers(pool);

    @BeforeAll
    static void start() {
        database = ServiceDatabase.withEnglishCollation();
        pool = database.pool(2, ServiceDatabase.PLANS_OF_THE_SERVICE);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        database.execute("truncate customer, latest_offer cascade");
        for (String customer : List.of("a", "b", "c", "d")) {
            insertCustomer(customer, customer.equals("d") ? "null" : "'{}'");
        }
        for (String customer : List.of("a", "b")) {
            database.execute(insertOffer(customer, "old"));
        }
    }

    private static void insertCustomer(String customer, String attributes) throws SQLException {
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                values ('%s', false, %s, '%s', 0, 0)
                """.formatted(customer, attributes, TOPIC));
    }

    private static String insertOffer(String customer, String decision) {
        return """
                insert into latest_offer (customer_id, decision, topic_id, topic_partition, topic_offset, record_ts_ms)
                values ('%s', '%s', '%s', 0, 5, 50)
                """.formatted(customer, decision, TOPIC);
    }

    private static String stored() throws SQLException {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement
                        .executeQuery("select string_agg(customer_id || '=' || decision, ' ' order by"
                                + " customer_id) from latest_offer")) {
            found.next();
            return found.getString(1);
        }
    }

    private static LineIndex.Slice slice(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new LineIndex.Slice(bytes, 0, bytes.length);
    }

    private static LatestOffers.Decided decided(String customer, long offset) {
        return new LatestOffers.Decided(new RecordPosition(TOPIC, 0, offset), offset * 10, customer,
                new UUID(0, offset), Instant.now(),
                slice("new" + offset), null);
    }

    private void save(LatestOffers.Decided... decided) {
        latest.save(Arrays.asList(decided)).await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void updatesExistingOffers() throws SQLException {
        save(decided("b", 7), decided("a", 6));

        assertThat(stored()).isEqualTo("a=new6 b=new7");
    }

    @Test
    void insertsOffersOfKnownCustomersOnly() throws SQLException {
        save(decided("a", 6), decided("c", 7), decided("d", 8), decided("unknown", 9));

        assertThat(stored()).as("nothing for deleted and unknown customers").isEqualTo("a=new6 b=old c=new7");
    }

    @Test
    void storesNothingThatWasDecidedBeforeACustomerWasDeletedAndCameBack() throws SQLException {
        database.execute("update customer set erased_at = now() where customer_id = 'c'");
        var before = new LatestOffers.Decided(new RecordPosition(TOPIC, 0, 7), 70, "c", new UUID(0, 7),
                Instant.now().minusSeconds(60), slice("before"), null);

        save(before);
        assertThat(stored()).isEqualTo("a=old b=old");

        save(new LatestOffers.Decided(before.position(), 70, "c", before.decisionId(), Instant.now().plusSeconds(60),
                slice("after"), null));
        assertThat(stored()).isEqualTo("a=old b=old c=after");
    }

    @Test
    void keepsALaterOffer() throws SQLException {
        save(decided("a", 4), decided("b", 5));

        assertThat(stored()).as("a replay of the same offset replaces it").isEqualTo("a=old b=new5");
    }

    /** Simulates two replicas, replays, and decisions of a partition that arrive late. */
    @RepeatedTest(5)
    void storesTheSameWhateverTheOrder(RepetitionInfo repetition) throws SQLException {
        var all = new ArrayList<LatestOffers.Decided>();
        for (int offset = 6; offset < 60; offset++) {
            all.add(decided(List.of("a", "b", "c").get(offset % 3), offset));
        }
        var random = new Random(repetition.getCurrentRepetition());
        Collections.shuffle(all, random);
        var saves = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 400; i++) {
            LatestOffers.Decided one = all.get(i < all.size() ? i : random.nextInt(all.size()));
            LatestOffers.Decided other = all.get(random.nextInt(all.size()));
            var batch = one.customer().equals(other.customer()) ? List.of(one) : List.of(one, other);
            saves.add(latest.save(batch).subscribeAsCompletionStage());
        }
        CompletableFuture.allOf(saves.toArray(CompletableFuture[]::new)).join();

        assertThat(stored()).isEqualTo("a=new57 b=new58 c=new59");
    }

    @Test
    void storesMoreCustomersThanFitIntoAStatement() throws SQLException {
        database.execute("truncate latest_offer");
        database.execute("""
                insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                select 'many' || n, false, '{}', '%s', 0, 0 from generate_series(1, 5001) n
                """.formatted(TOPIC));

        save(IntStream.rangeClosed(1, 5_001).mapToObj(n -> decided("many" + n, n))
                .toArray(LatestOffers.Decided[]::new));

        assertThat(stored().split(" ")).hasSize(5_001).contains("many1=new1", "many5001=new5001");
    }

    private static boolean aStatementWaits() throws SQLException {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet waiting = statement.executeQuery("""
                        select count(*) from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'
                        """)) {
            waiting.next();
            return waiting.getInt(1) == 1;
        }
    }

    private interface Write {

        Uni<?> run(LatestOffers latest, String customer, String other);
    }

    private static Uni<?> save(LatestOffers latest, String customer, String other) {
        return latest.save(List.of(decided(customer, 6), decided(other, 6)));
    }

    private static Uni<?> restore(LatestOffers latest, String customer, String other) {
        return latest.restore(Stream.of(customer, other).map(id -> new LatestOffers.Decided(
                new RecordPosition(TOPIC, 0, 6), 60, id, new UUID(0, 9), Instant.EPOCH,
                slice("{\"decision_id\":\"new\"}"), null)).toList());
    }

    /** Pairs in the order of the C collation, which Java or an English dictionary would sort the other way round. */
    static Stream<Arguments> writes() {
        return Stream.of(List.of("B", "a"), List.of("\uFF5E", "\uD83D\uDE00")).flatMap(pair -> Stream.of(
                Arguments.of("update", true, pair, (Write) LatestOffersIT::save),
                Arguments.of("insert", false, pair, (Write) LatestOffersIT::save),
                Arguments.of("restore", true, pair, (Write) LatestOffersIT::restore)));
    }

    /** With different orders, two replicas could deadlock, and Postgres would abort the batch of one of them. */
    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("writes")
    void locksRowsInTheOrderOfTheCCollation(String name, boolean exist, List<String> pair, Write write)
            throws Exception {
        database.execute("truncate customer, latest_offer cascade");
        for (String customer : pair) {
            insertCustomer(customer, "'{}'");
            if (exist) {
                database.execute(insertOffer(customer, "{}"));
            }
        }
        try (Connection first = database.connect();
                Statement holder = first.createStatement();
                Connection second = database.connect();
                Statement probe = second.createStatement()) {
            first.setAutoCommit(false);
            holder.execute(lock(pair.get(0)));

            var written = write.run(latest, pair.get(1), pair.get(0)).subscribeAsCompletionStage();
            await().until(LatestOffersIT::aStatementWaits);

            second.setAutoCommit(false);
            probe.execute("set lock_timeout = '500ms'");
            assertThatCode(() -> probe.execute(lock(pair.get(1)))).as("the later row is free")
                    .doesNotThrowAnyException();
            second.rollback();
            first.rollback();
            written.get(20, TimeUnit.SECONDS);
        }
    }

    /** Locks the row of a customer, whether it exists or not. */
    private static String lock(String customer) {
        return insertOffer(customer, "{}") + " on conflict (customer_id) do update set decision = excluded.decision";
    }
}
