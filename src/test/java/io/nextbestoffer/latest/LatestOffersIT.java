package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.decision.DecisionStore.Decided;
import io.nextbestoffer.kafka.fencing.FencingClaims;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.vertx.mutiny.sqlclient.Pool;

/** The statements, in a real Postgres. Customers a and b have a latest offer, of offset 5; c has none, d was deleted. */
class LatestOffersIT {

    private static final UUID TOPIC = new UUID(0, 1);
    private static final UUID TOKEN = new UUID(0, 7);
    private static final FencingClaims OURS = new FencingClaims(List.of(TOPIC, TOPIC), List.of(0, 1), TOKEN);

    @TempDir
    static Path directory;
    private static ServiceDatabase database;
    private static Pool pool;

    private final LatestOffers latest = new LatestOffers(pool);

    @BeforeAll
    static void start() {
        database = ServiceDatabase.start(directory);
        pool = database.pool(2, Map.of());
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        database.execute("truncate customer, latest_offer, partition_claim cascade");
        for (String customer : List.of("a", "b", "c", "d")) {
            database.execute("""
                    insert into customer (customer_id, numeric_id, attributes, topic_id, topic_partition, topic_offset)
                    values ('%s', false, %s, '%s', 0, 0)
                    """.formatted(customer, customer.equals("d") ? "null" : "'{}'", TOPIC));
        }
        for (String customer : List.of("a", "b")) {
            database.execute(
                    """
                            insert into latest_offer (customer_id, decision, topic_id, topic_partition, topic_offset, record_ts_ms)
                            values ('%s', 'old', '%s', 0, 5, 50)
                            """
                            .formatted(customer, TOPIC));
        }
        for (int partition = 0; partition < 2; partition++) {
            database.execute(
                    "insert into partition_claim values ('%s', %d, 3, '%s')".formatted(TOPIC, partition, TOKEN));
        }
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

    private static Decided decided(String customer, long offset) {
        return new Decided(new RecordPosition(TOPIC, 0, offset), offset * 10, customer, "banking", Id.of(1),
                ("new" + offset).getBytes(StandardCharsets.UTF_8), null);
    }

    private boolean alone(FencingClaims claims, Decided... decided) {
        return latest.save(Arrays.asList(decided)).alone(pool, claims).await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void oneStatementIsEnoughForThoseWhoHaveAnOffer() throws SQLException {
        assertThat(alone(OURS, decided("b", 7), decided("a", 6))).isTrue();

        assertThat(stored()).isEqualTo("a=new6 b=new7");
    }

    @Test
    void whoIsNewNeedsATransaction() throws SQLException {
        var write = latest.save(List.of(decided("a", 6), decided("c", 7), decided("d", 8), decided("unknown", 9)));

        assertThat(write.alone(pool, OURS).await().indefinitely()).isFalse();
        pool.withTransaction(write::within).await().indefinitely();

        assertThat(stored()).as("neither of who was deleted, nor of who is not known")
                .isEqualTo("a=new6 b=old c=new7");
    }

    @Test
    void anOlderDecisionReplacesNothing() throws SQLException {
        var write = latest.save(List.of(decided("a", 4), decided("b", 5)));

        write.alone(pool, OURS).await().indefinitely();
        pool.withTransaction(write::within).await().indefinitely();

        assertThat(stored()).as("a replay of the same offset does").isEqualTo("a=old b=new5");
    }

    @Test
    void nothingIsWrittenUnderAClaimThatIsLost() throws SQLException {
        database.execute("update partition_claim set token = '%s' where topic_partition = 1".formatted(new UUID(0, 8)));

        assertThatThrownBy(() -> alone(OURS, decided("a", 6))).hasMessageContaining("has claimed a partition");

        assertThat(stored()).isEqualTo("a=old b=old");
    }

    @Test
    void waitsForWhoIsJustClaimingAndThenWritesNothing() throws SQLException {
        try (Connection other = database.connect(); Statement claiming = other.createStatement()) {
            other.setAutoCommit(false);
            claiming.execute("update partition_claim set generation = 4, token = '%s'".formatted(new UUID(0, 8)));

            var written = latest.save(List.of(decided("a", 6))).alone(pool, OURS).subscribeAsCompletionStage();
            await().until(() -> {
                try (Connection nbo = database.connect();
                        Statement statement = nbo.createStatement();
                        ResultSet waiting = statement.executeQuery(
                                "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")) {
                    waiting.next();
                    return waiting.getInt(1) == 1;
                }
            });
            assertThat(written).isNotDone();
            other.commit();

            assertThatThrownBy(written::join).hasMessageContaining("has claimed a partition");
        }
        assertThat(stored()).isEqualTo("a=old b=old");
    }
}
