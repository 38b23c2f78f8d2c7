package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;

/** A database like the service's, in a Postgres of its own: for tests of statements, without the service. */
public final class ServiceDatabase implements AutoCloseable {

    /** How Postgres plans for the service, as in application.properties. */
    public static final Map<String, String> PLANS_OF_THE_SERVICE = Map.of("plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off", "enable_hashjoin", "off", "enable_mergejoin", "off");

    private final SandboxPostgres postgres;
    private final String url;
    private final Vertx vertx = Vertx.vertx();

    private ServiceDatabase(SandboxPostgres postgres, String options) {
        this.postgres = postgres;
        this.url = postgres.createDatabase("service", options);
    }

    /** @param directory for its data and logs */
    public static ServiceDatabase start(Path directory) {
        return start(directory, "");
    }

    /** Starts a database that sorts text as an English dictionary does: "a" before "B", unlike the C collation. */
    public static ServiceDatabase startWithEnglishCollation(Path directory) {
        return start(directory, "template template0 locale_provider icu icu_locale 'en-US'");
    }

    private static ServiceDatabase start(Path directory, String options) {
        return new ServiceDatabase(SandboxPostgres.start(directory.resolve("data"), directory.resolve("logs")),
                options);
    }

    /** For JDBC. */
    public String url() {
        return url;
    }

    /**
     * One more pool, which is closed with this.
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
        postgres.close();
    }
}
