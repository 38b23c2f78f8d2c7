package io.nextbestoffer.kafka.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.UUID;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.SampleAssignments;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Runs the statements in a real Postgres. An assignment of two partitions holds their claims. */
@OwnInfrastructure
class PartitionFenceIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static ServiceDatabase database;
    private static Pool pool;

    private final Assignment ours = assignment();
    private final PartitionFence fence = new PartitionFence(pool);

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
    void claim() throws SQLException {
        database.execute("truncate partition_claim, latest_offer");
        assertThat(fence.claim(ours).await().atMost(TIMEOUT)).isTrue();
    }

    private static Assignment assignment() {
        var committed = new HashMap<TopicPartition, OffsetAndMetadata>();
        committed.put(SampleAssignments.partition(0), null);
        committed.put(SampleAssignments.partition(1), null);
        return SampleAssignments.open(committed);
    }

    private Uni<Void> write() {
        return pool.withTransaction(transaction -> fence.hold(transaction, ours)
                .chain(() -> transaction.query("""
                        insert into latest_offer (customer_id, decision, topic_id, topic_partition, topic_offset,
                            record_ts_ms)
                        values ('a', '{}', '%s', 0, 5, 50)
                        """.formatted(SampleAssignments.TOPIC_ID)).execute())
                .replaceWithVoid());
    }

    private static int count(String query) throws SQLException {
        try (Connection nbo = database.connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            found.next();
            return found.getInt(1);
        }
    }

    private static int written() throws SQLException {
        return count("select count(*) from latest_offer");
    }

    private static String takeOver(String condition) {
        return "update partition_claim set generation = generation + 1, token = '%s' where %s"
                .formatted(new UUID(0, 8), condition);
    }

    @Test
    void writesUnderItsClaims() throws SQLException {
        write().await().atMost(TIMEOUT);

        assertThat(written()).isEqualTo(1);
    }

    @Test
    void writesNothingUnderALostClaim() throws SQLException {
        database.execute(takeOver("topic_partition = 1"));

        assertThatThrownBy(() -> write().await().atMost(TIMEOUT)).hasMessageContaining("has claimed a partition");
        assertThat(written()).isZero();
    }

    @Test
    void waitsForAConcurrentClaimAndThenWritesNothing() throws SQLException {
        try (Connection other = database.connect(); Statement claiming = other.createStatement()) {
            other.setAutoCommit(false);
            claiming.execute(takeOver("true"));

            var written = write().subscribeAsCompletionStage();
            await().until(() -> count("""
                    select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    """) == 1);
            assertThat(written).isNotDone();
            other.commit();

            assertThatThrownBy(written::join).hasMessageContaining("has claimed a partition");
        }
        assertThat(written()).isZero();
    }

    /** A replica that resumes after a long pause still has its earlier generation. */
    @Test
    void doesNotClaimWhatALaterGenerationHolds() throws SQLException {
        database.execute(takeOver("topic_partition = 0"));

        assertThat(fence.claim(ours).await().atMost(TIMEOUT)).isFalse();
    }
}
