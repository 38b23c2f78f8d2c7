package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One Postgres server with two databases: {@code bank}, the system of record, and {@code nbo}, the service's own.
 * {@link #stop()}, {@link #crash()} and {@link #start()} keep port and data. The server is embedded, or with
 * {@code -Dsandbox.postgres=testcontainers} in a container.
 */
public final class SandboxPostgres implements AutoCloseable {

    /** The strategy whose products are recommended. */
    private static final String RECOMMENDED = "private-banking";
    /** The database that {@link #createDatabase(String)} copies. */
    private static final String TEMPLATE = "template_nbo";

    private final int port;
    private final SandboxTls tls;
    private final String superuserPassword = UUID.randomUUID().toString();
    private final PostgresServer server;
    private boolean running;
    private boolean hasTemplate;

    /** A running server on a free port, with neither of the two databases yet. */
    public static SandboxPostgres start(Path directory, Path logs) {
        SandboxPostgres postgres = new SandboxPostgres(0, directory, logs, null);
        try {
            postgres.start();
            return postgres;
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /**
     * @param port 0 = a free one
     * @param tls null for plain text; otherwise the server rejects connections without TLS
     */
    SandboxPostgres(int port, Path directory, Path logs, SandboxTls tls) {
        this.tls = tls;
        this.port = FreePorts.orFree(port);
        this.server = PostgresServer.create(this.port, directory, logs, tls, superuserPassword);
    }

    public int port() {
        return port;
    }

    /** Certificate of the authority that clients trust, if the server uses TLS. */
    Optional<Path> authority() {
        return Optional.ofNullable(tls).map(SandboxTls::authority);
    }

    /** Process id of the postmaster, the parent of all other processes of the server. */
    public long pid() {
        return server.pid();
    }

    public String bankUri() {
        return uri("bank");
    }

    public String nboUri() {
        return uri("nbo");
    }

    /** Opens a connection to the system of record, as its owner. */
    public Connection connectToBank() throws SQLException {
        return connect("bank", "bank", "bank");
    }

    /** Opens a connection to the service's database, as the service. */
    public Connection connectToNbo() throws SQLException {
        return connect("nbo", "nbo", "nbo");
    }

    /** Runs a statement in the system of record. */
    public void executeInBank(String sql) throws SQLException {
        execute(connectToBank(), sql);
    }

    /** Runs a statement in the service's database. */
    public void executeInNbo(String sql) throws SQLException {
        execute(connectToNbo(), sql);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (connection; Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns the first column of the first row in the service's database, as text; fails if there is no row. */
    public String textFromNbo(String query) throws SQLException {
        try (Connection nbo = connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    public synchronized void start() {
        if (running) {
            return;
        }
        server.start();
        running = true;
        try (Connection connection = connectAsSuperuser("postgres");
                Statement statement = connection.createStatement()) {
            for (var setting : PostgresServer.DURABLE.entrySet()) {
                try (ResultSet shown = statement.executeQuery("show " + setting.getKey())) {
                    shown.next();
                    if (!shown.getString(1).equals(setting.getValue())) {
                        throw new IllegalStateException(
                                "Postgres runs with " + setting.getKey() + "=" + shown.getString(1));
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Postgres has started but rejects connections", e);
        }
    }

    /** Ends all sessions and shuts down cleanly. */
    public synchronized void stop() {
        if (running) {
            running = false;
            server.stop();
        }
    }

    /** Ends without a checkpoint, like a crash: the next start has to recover. */
    public synchronized void crash() {
        if (running) {
            running = false;
            server.crash();
        }
    }

    /** Keeps the server from answering, without closing a connection. */
    public synchronized void freeze() {
        server.freeze();
    }

    /** Lets a frozen server continue. Harmless if it is not frozen. */
    public synchronized void thaw() {
        if (running) {
            server.thaw();
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            server.delete();
        }
    }

    /** Creates roles, databases, the bank's table and the service's schema. */
    void prepare(boolean sample, String strategy) {
        try (Connection postgres = connectAsSuperuser("postgres")) {
            try (Statement statement = postgres.createStatement()) {
                statement.execute("create role bank login password 'bank'");
                statement.execute("create role nbo login password 'nbo'");
                statement.execute("create role debezium login replication password 'debezium'");
                for (String database : new String[]{"bank", "nbo"}) {
                    statement.execute("create database " + database + " owner " + database);
                    statement.execute("revoke connect on database " + database + " from public");
                }
                statement.execute("grant connect on database bank to debezium");
            }
            try (Connection bank = connectToBank()) {
                run(bank, "bank.sql");
                if (sample) {
                    run(bank, "bank-sample.sql");
                }
            }
            migrate("nbo", sample ? strategy : null);
        } catch (SQLException e) {
            throw new IllegalStateException("could not prepare the databases", e);
        }
    }

    /**
     * Creates one more database like {@code nbo}, with the sample offers and the same owner. A template is migrated
     * once, and each database is a copy of it.
     *
     * @return its JDBC URL
     */
    public synchronized String createDatabase(String name) {
        if (!hasTemplate) {
            createDatabase(TEMPLATE, "");
            hasTemplate = true;
        }
        return createEmptyDatabase(name, "template " + TEMPLATE);
    }

    /**
     * Creates and migrates one more database like {@code nbo}.
     *
     * @param options options of {@code create database}, such as a locale
     * @return its JDBC URL
     */
    String createDatabase(String name, String options) {
        String url = createEmptyDatabase(name, options);
        try {
            migrate(name, "banking");
            return url;
        } catch (SQLException e) {
            throw new IllegalStateException("could not migrate the database " + name, e);
        }
    }

    /**
     * Creates one more, empty database of the same owner as {@code nbo}.
     *
     * @return its JDBC URL
     */
    public String createEmptyDatabase(String name) {
        return createEmptyDatabase(name, "");
    }

    private String createEmptyDatabase(String name, String options) {
        try (Connection postgres = connectAsSuperuser("postgres"); Statement statement = postgres.createStatement()) {
            statement.execute("""
                    do $$ begin
                        if not exists (select from pg_roles where rolname = 'nbo') then
                            create role nbo login password 'nbo';
                        end if;
                    end $$""");
            statement.execute("create database " + name + " owner nbo " + options);
            return jdbcUrl(name);
        } catch (SQLException e) {
            throw new IllegalStateException("could not create the database " + name, e);
        }
    }

    /** The version that the server reports, for example {@code 18.4}. */
    public String version() {
        try (Connection postgres = connectAsSuperuser("postgres");
                Statement statement = postgres.createStatement();
                ResultSet version = statement.executeQuery("show server_version")) {
            version.next();
            return version.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException("could not read the version", e);
        }
    }

    /** Drops the database, and ends all its sessions. */
    public void dropDatabase(String name) {
        try (Connection postgres = connectAsSuperuser("postgres"); Statement statement = postgres.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
        } catch (SQLException e) {
            throw new IllegalStateException("could not drop the database " + name, e);
        }
    }

    /** Runs the same scripts as a deployment, and inserts the offers of the strategy, if any. */
    private void migrate(String database, String strategy) throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(jdbcUrl(database));
        dataSource.setUser("nbo");
        dataSource.setPassword("nbo");
        Flyway.configure().dataSource(dataSource).locations("classpath:db/migration").load().migrate();
        if (strategy != null) {
            try (Connection connection = connect(database, "nbo", "nbo")) {
                for (String catalog : new LinkedHashSet<>(List.of(strategy, RECOMMENDED))) {
                    insertOffers(connection, catalog);
                }
            }
        }
    }

    /** Inserts the catalog that ships with a strategy. */
    private static void insertOffers(Connection connection, String catalog) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                insert into offer (offer_id, offer_name, offer_url, category, attributes)
                select o->>'offer_id', o->>'offer_name', o->>'offer_url', o->>'category',
                    coalesce(o->'attributes', '{}')
                from json_array_elements(?::json) as o
                on conflict (offer_id) do nothing""")) {
            insert.setString(1, resource("/catalogs/" + catalog + ".json"));
            insert.executeUpdate();
        }
    }

    String jdbcUrl(String database) {
        return "jdbc:postgresql://" + PostgresServer.HOST + ":" + port + "/" + database + verified();
    }

    private String uri(String database) {
        return "postgresql://" + database + ":" + database + "@" + PostgresServer.HOST + ":" + port + "/" + database
                + verified();
    }

    private String verified() {
        return authority().map(path -> "?sslmode=verify-full&sslrootcert=" + path).orElse("");
    }

    /** Opens a connection as superuser. */
    public Connection connectAsSuperuser(String database) throws SQLException {
        return connect(database, PostgresServer.SUPERUSER, superuserPassword);
    }

    /** Opens a connection to a database. */
    public Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    private static void run(Connection connection, String script) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(resource("/sandbox/" + script));
        }
    }

    private static String resource(String path) {
        try (InputStream in = SandboxPostgres.class.getResourceAsStream(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
