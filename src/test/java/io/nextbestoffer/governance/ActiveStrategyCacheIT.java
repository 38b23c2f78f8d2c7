package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxPostgres;
import io.nextbestoffer.strategy.Strategy;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;

/** Tests the first start, and how replicas follow activations, with a new database in a real Postgres for each test. */
@OwnInfrastructure
class ActiveStrategyCacheIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    static Path directory;
    private static SandboxPostgres postgres;
    private static Vertx vertx;
    private static int databases;

    private String jdbcUrl;
    private Pool pool;
    private final List<ActiveStrategyCache> replicas = new ArrayList<>();

    @BeforeAll
    static void start() {
        postgres = SandboxPostgres.start(directory.resolve("data"), directory.resolve("logs"));
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.closeAndAwait();
        postgres.close();
    }

    @BeforeEach
    void newDatabase() {
        jdbcUrl = postgres.createDatabase("governance" + ++databases);
        pool = Pool.pool(vertx, PgConnectOptions.fromUri(jdbcUrl.substring("jdbc:".length())).setUser("nbo")
                .setPassword("nbo"), new PoolOptions().setMaxSize(6));
    }

    @AfterEach
    void closeReplicas() {
        replicas.forEach(ActiveStrategyCache::close);
        pool.closeAndAwait();
    }

    private record Config(Duration maxAge, Duration activationDelay, List<String> initial) implements StrategyConfig {

        @Override
        public Duration refresh() {
            return Duration.ofMillis(100);
        }

        @Override
        public boolean secondPersonApproval() {
            return false;
        }
    }

    private ActiveStrategyCache replica(String... initial) {
        return replica(Duration.ofMinutes(10), initial);
    }

    private ActiveStrategyCache replica(Duration maxAge, String... initial) {
        var config = new Config(maxAge, Duration.ofSeconds(2), List.of(initial));
        var seeder = new InitialStrategySeeder(new StrategyTransactions(pool), new StrategyVersions(),
                new StrategyActivations(), config);
        var replica = new ActiveStrategyCache(pool, new CompiledStrategyCache(), seeder, config);
        replicas.add(replica);
        return replica;
    }

    private static String active(ActiveStrategyCache replica) {
        ActiveStrategies active = replica.current();
        return active == null
                ? "nothing"
                : active.routing().fallback() + " of "
                        + active.strategies().values().stream().map(Strategy::toString).sorted().toList();
    }

    private static void awaitActive(ActiveStrategyCache replica, String expected) {
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(active(replica)).isEqualTo(expected));
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, "nbo", "nbo");
    }

    private void execute(String sql) throws SQLException {
        try (Connection nbo = connect(); Statement statement = nbo.createStatement()) {
            statement.execute(sql);
        }
    }

    private @Nullable String text(String sql) throws SQLException {
        try (Connection nbo = connect();
                Statement statement = nbo.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getString(1);
        }
    }

    private void save(String strategy, int version, String document) throws SQLException {
        execute("insert into strategy_version values ('%s', %d, 'first-match', '', '%s', 'me')".formatted(strategy,
                version, document));
    }

    private void activate(String strategy, int version, String in) throws SQLException {
        execute(activation(strategy, version, in));
    }

    private static String activation(String strategy, int version, String in) {
        return """
                insert into strategy_activation (strategy, version, effective_at, activated_by, reason)
                values ('%s', %d, clock_timestamp() + interval '%s', 'me', 'test')
                """.formatted(strategy, version, in);
    }

    @Test
    void seedsANewDatabaseAndActivatesTheConfiguredStrategies() throws SQLException {
        ActiveStrategyCache replica = replica("private-banking", "banking");

        awaitActive(replica, "private-banking of [banking 1, private-banking 1]");
        assertThat(text("select string_agg(strategy || ' ' || kind || ' ' || author, ', ' order by strategy)"
                + " from strategy_version"))
                .isEqualTo("banking first-match next-best-offer, insurance first-match next-best-offer,"
                        + " private-banking rank next-best-offer, routing routing next-best-offer");
        assertThat(text("select string_agg(offer_id, ' ' order by offer_id) from offer_use where strategy = 'banking'"
                + " and until is null")).isEqualTo("1 2 3 4 5");
        assertThat(text("select count(*) from strategy_audit where action = 'activated'")).isEqualTo("3");
        Strategy insurance = replica.find("insurance", 1).await().atMost(TIMEOUT);
        assertThat(insurance).hasToString("insurance 1");
        assertThat(replica.find("insurance", 1).await().atMost(TIMEOUT)).as("compiled once").isSameAs(insurance);
        assertThat(replica.find("insurance", 2).await().atMost(TIMEOUT)).isNull();
        assertThat(replica.find("routing", 1).await().atMost(TIMEOUT)).isNull();
    }

    @Test
    void seedsOnceIfReplicasStartTogether() throws SQLException {
        for (int i = 0; i < 3; i++) {
            replica("banking");
        }

        for (ActiveStrategyCache replica : replicas) {
            awaitActive(replica, "banking of [banking 1]");
        }
        assertThat(text("select count(*) from strategy_version")).isEqualTo("4");
        assertThat(text("select count(*) from strategy_activation")).isEqualTo("2");
    }

    @Test
    void seedsAnExistingDatabaseWithDraftsOnly() throws SQLException {
        save("own", 1, "strategy: own\nrules: []\notherwise: 1");
        save("banking", 3, "strategy: banking\nrules: []\notherwise: 1");

        ActiveStrategyCache replica = replica("banking");

        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(text("select string_agg(strategy || version, ' '"
                + " order by strategy) from strategy_version"))
                .isEqualTo("banking3 insurance1 own1 private-banking1"));
        await().atMost(TIMEOUT).until(replica::isReachable);
        assertThat(active(replica)).isEqualTo("nothing");
        assertThat(replica.obstacle()).isEqualTo("no version of the routing is active");
        assertThat(text("select count(*) from strategy_activation")).isEqualTo("0");
    }

    @Test
    void switchesAllReplicasWhenAnActivationTakesEffect() throws SQLException {
        ActiveStrategyCache one = replica("banking");
        ActiveStrategyCache other = replica("banking");
        awaitActive(one, "banking of [banking 1]");
        awaitActive(other, "banking of [banking 1]");
        ActiveStrategies before = one.current();
        save("banking", 2, "strategy: banking\nrules: []\notherwise: 1");

        activate("banking", 2, "2 seconds");

        await().atMost(Duration.ofMillis(1500)).until(() -> one.currentAndScheduled().size() == 2
                && other.currentAndScheduled().size() == 2);
        assertThat(one.current()).as("loaded, but not in effect").isSameAs(before);
        var switched = new ArrayList<String>();
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(1)).until(() -> {
            String first = active(one);
            boolean effective = "t".equals(text("select max(effective_at) <= clock_timestamp()"
                    + " from strategy_activation"));
            if (first.equals("banking of [banking 2]")) {
                switched.add(effective ? "after" : "before");
            }
            return !switched.isEmpty();
        });
        assertThat(switched).as("never ahead of the database").containsExactly("after");
        await().atMost(Duration.ofSeconds(1)).untilAsserted(
                () -> assertThat(active(other)).isEqualTo("banking of [banking 2]"));
        ActiveStrategies after = one.current();
        activate("banking", 2, "0 seconds");
        await().during(Duration.ofMillis(500)).atMost(TIMEOUT).until(() -> one.current() == after);
    }

    @Test
    void keepsOtherStrategiesIfOneCannotBeCompiled() throws SQLException {
        ActiveStrategyCache replica = replica("banking", "private-banking");
        awaitActive(replica, "banking of [banking 1, private-banking 1]");
        save("private-banking", 2, "strategy: private-banking\nnewer: key");

        activate("private-banking", 2, "0 seconds");

        awaitActive(replica, "banking of [banking 1]");
        assertThat(replica.obstacle()).contains("version 2 of strategy private-banking can't be used",
                "unknown key newer");
        assertThat(replica.find("private-banking", 2).await().atMost(TIMEOUT)).isNull();
        activate("private-banking", 1, "0 seconds");
        awaitActive(replica, "banking of [banking 1, private-banking 1]");
        assertThat(replica.obstacle()).isNull();
    }

    @Test
    void stopsDecidingOnceTheMaximumAgeIsReached() throws SQLException {
        ActiveStrategyCache replica = replica(Duration.ofSeconds(2), "banking");
        awaitActive(replica, "banking of [banking 1]");

        try (Connection lock = lockRevision()) {
            await().atMost(TIMEOUT).until(() -> replica.current() == null);
            await().atMost(TIMEOUT).until(() -> !replica.isReachable());
            lock.rollback();
        }

        awaitActive(replica, "banking of [banking 1]");
        assertThat(replica.isReachable()).isTrue();
    }

    /** An activation takes effect even if polls fail from the moment when it was loaded. */
    @Test
    void decidesByTheLoadedActivationsWhilePollsFail() throws SQLException {
        ActiveStrategyCache replica = replica("banking");
        awaitActive(replica, "banking of [banking 1]");
        assertThat(replica.isCurrent()).isTrue();
        save("banking", 2, "strategy: banking\nrules: []\notherwise: 1");
        save("banking", 3, "strategy: banking\nrules: []\notherwise: 2");
        activate("banking", 2, "2 seconds");
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20))
                .until(() -> replica.currentAndScheduled().size() == 2);

        try (Connection lock = lockRevision(); Statement statement = lock.createStatement()) {
            statement.execute(activation("banking", 3, "0 seconds"));
            assertThat(active(replica)).isEqualTo("banking of [banking 1]");

            awaitActive(replica, "banking of [banking 2]");
            await().atMost(TIMEOUT).until(() -> !replica.isReachable());
            await().atMost(TIMEOUT).until(() -> !replica.isCurrent());
            await().during(Duration.ofSeconds(2)).atMost(TIMEOUT)
                    .until(() -> active(replica).equals("banking of [banking 2]"));
            assertThat(replica.age()).isGreaterThan(Duration.ofSeconds(2));
            lock.commit();
        }

        awaitActive(replica, "banking of [banking 3]");
        assertThat(replica.isCurrent()).isTrue();
        assertThat(replica.age()).isLessThan(Duration.ofSeconds(2));
    }

    /** Makes all polls wait until the connection ends its transaction. */
    private Connection lockRevision() throws SQLException {
        Connection nbo = connect();
        nbo.setAutoCommit(false);
        try (Statement statement = nbo.createStatement()) {
            statement.execute("lock table strategy_revision in access exclusive mode");
        }
        return nbo;
    }

    @Test
    void rejectsARefreshIntervalThatIsTooLong() {
        assertRejected(Duration.ofMillis(100), Duration.ofSeconds(3),
                "nbo.strategies.refresh (PT0.1S) must be less than nbo.strategies.max-age");
        assertRejected(Duration.ofSeconds(3), Duration.ofMillis(100),
                "nbo.strategies.refresh (PT0.1S) must be less than nbo.strategies.activation-delay");
    }

    private void assertRejected(Duration maxAge, Duration activationDelay, String message) {
        var config = new Config(maxAge, activationDelay, List.of("banking"));
        var seeder = new InitialStrategySeeder(new StrategyTransactions(pool), new StrategyVersions(),
                new StrategyActivations(), config);

        assertThatThrownBy(() -> new ActiveStrategyCache(pool, new CompiledStrategyCache(), seeder, config))
                .isInstanceOf(ConfigurationException.class).hasMessageContaining(message);
    }

    @Test
    void keepsTheAuditTrailAppendOnly() throws SQLException {
        replica("banking");
        await().atMost(TIMEOUT).until(() -> !"0".equals(text("select count(*) from strategy_audit")));

        for (String change : List.of("delete from strategy_audit", "update strategy_audit set who = 'x'",
                "truncate strategy_audit")) {
            assertThatThrownBy(() -> execute(change)).hasMessageContaining("append-only");
        }
    }
}
