package io.nextbestoffer.decision.parking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** Tests the SQL statements in a real Postgres that stores the rows in the reverse order of their positions. */
@OwnInfrastructure
class ParkedActivitiesIT {

    private static final UUID TOPIC = new UUID(0, 1);
    private static final String CUSTOMER = "customer";
    private static final long NUMBER = 5;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static ServiceDatabase database;
    private static Pool pool;

    private final ParkedActivities parked = new ParkedActivities(pool);

    @BeforeAll
    static void start() {
        database = new ServiceDatabase();
        pool = database.pool(2, Map.of());
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            statement.execute("truncate parked_activity");
            for (int offset = 3; offset > 0; offset--) {
                statement.execute("""
                        insert into parked_activity (topic_id, topic_partition, topic_offset, customer_id, record_ts_ms,
                            release_number)
                        values ('%s', 0, %d, '%s', 0, %d)
                        """.formatted(TOPIC, offset, CUSTOMER, NUMBER));
            }
        }
    }

    private interface Write {

        Uni<Void> run(ParkedActivities parked);
    }

    private static Uni<Void> number(ParkedActivities parked) {
        var keys = Stream.of(3L, 1L, 2L).map(offset -> new ParkedActivities.ParkedKey(0, offset, CUSTOMER)).toList();
        return pool.withTransaction(transaction -> parked.number(transaction, TOPIC, keys, Map.of(0, NUMBER + 1)));
    }

    private static Uni<Void> reset(ParkedActivities parked, long released) {
        return pool.withTransaction(transaction -> parked.resetUncommitted(transaction, TOPIC, Map.of(0, released)));
    }

    private static Uni<Void> delete(ParkedActivities parked, long released) {
        return parked.deleteReleased(TOPIC, Map.of(0, released));
    }

    private static Uni<Void> erase(ParkedActivities parked, String customer) {
        return pool.withTransaction(transaction -> parked.erase(transaction, List.of(customer)));
    }

    static Stream<Arguments> all() {
        return Stream.of(
                write("number", "release_number = 6", ParkedActivitiesIT::number),
                write("reset", "release_number is null", parked -> reset(parked, NUMBER - 1)),
                write("delete", "false", parked -> delete(parked, NUMBER)),
                write("erase", "customer_id is null", parked -> erase(parked, CUSTOMER)));
    }

    static Stream<Arguments> none() {
        String unchanged = "release_number = 5 and customer_id = '" + CUSTOMER + "'";
        return Stream.of(
                write("reset", unchanged, parked -> reset(parked, NUMBER)),
                write("delete", unchanged, parked -> delete(parked, NUMBER - 1)),
                write("erase", unchanged, parked -> erase(parked, "other")));
    }

    private static Arguments write(String name, String after, Write write) {
        return Arguments.of(name, after, write);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"all", "none"})
    void writesItsRows(String name, String after, Write write) throws SQLException {
        write.run(parked).await().atMost(TIMEOUT);

        try (Connection nbo = database.connect(); Statement statement = nbo.createStatement()) {
            assertThat(bool(statement, "select coalesce(bool_and(" + after + "), true) from parked_activity")).isTrue();
        }
    }

    /** With different orders, two statements could deadlock, and Postgres would abort one of them. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void locksRowsInTheOrderOfTheirPositions(String name, String after, Write write) throws Exception {
        try (Connection first = database.connect();
                Statement holder = first.createStatement();
                Connection second = database.connect();
                Statement other = second.createStatement()) {
            first.setAutoCommit(false);
            holder.execute("select from parked_activity where topic_offset = 1 for update");

            var done = write.run(parked).subscribeAsCompletionStage();
            await().atMost(TIMEOUT).until(() -> bool(other, """
                    select exists (select from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock')
                    """));

            assertThatCode(() -> other.execute("select from parked_activity where topic_offset > 1 for update nowait"))
                    .doesNotThrowAnyException();
            first.rollback();
            done.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static boolean bool(Statement statement, String query) throws SQLException {
        try (ResultSet found = statement.executeQuery(query)) {
            found.next();
            return found.getBoolean(1);
        }
    }
}
