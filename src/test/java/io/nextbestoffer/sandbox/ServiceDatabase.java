package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;

/**
 * A database like the service's, for tests of SQL statements without the service. All such databases are on one
 * Postgres server, which starts with the first of them and ends with the test run.
 */
public final class ServiceDatabase implements AutoCloseable {

    /** Planner settings of the service's sessions, as in application.properties. */
    public static final Map<String, String> PLANS_OF_THE_SERVICE = Map.of("plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off", "enable_hashjoin", "off", "enable_mergejoin", "off");

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static SandboxPostgres server;

    private final String name = "service" + COUNT.incrementAndGet();
    private final String url;
    private final Vertx vertx = Vertx.vertx();

    public ServiceDatabase() {
        url = server().createDatabase(name);
    }

    private ServiceDatabase(String options) {
        url = server().createDatabase(name, options);
    }

    /** A database that sorts text like an English dictionary: "a" before "B", unlike the C collation. */
    public static ServiceDatabase withEnglishCollation() {
        return new ServiceDatabase("template template0 locale_provider icu icu_locale 'en-US'");
    }

    private static synchronized SandboxPostgres server() {
        if (server == null) {
            Path directory = DirectoryCleaner.temporary();
            server = SandboxPostgres.start(directory.resolve("postgres"), directory.resolve("logs"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                DirectoryCleaner.delete(directory);
            }, "end-service-databases"));
        }
        return server;
    }

    /** JDBC URL of this database. */
    public String url() {
        return url;
    }

    /**
     * Opens one more pool, which is closed with this database.
     *
     * @param properties of its sessions
     */
    public Pool pool(int connections, Map<String, String> properties) {
        var options = PgConnectOptions.fromUri(url.substring("jdbc:".length())).setUser("nbo").setPassword("nbo");
        properties.forEach(options::addProperty);
        return Pool.pool(vertx, options, new PoolOptions().setMaxSize(connections));
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, "nbo", "nbo");
    }

    public void execute(String sql) throws SQLException {
        try (Connection nbo = connect(); Statement statement = nbo.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        vertx.closeAndAwait();
        server().dropDatabase(name);
    }
}
