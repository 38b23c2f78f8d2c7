package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One Postgres server with two databases: {@code bank}, the system of record, and {@code nbo}, the service's own.
 * {@link #stop()}, {@link #crash()} and {@link #start()} keep port and data.
 * <p>
 * Not zonky's own {@code EmbeddedPostgres}: that one starts Postgres without fsync and without passwords, and its
 * shutdown hook ends the database while the service is still at work.
 */
public final class SandboxPostgres implements AutoCloseable {

    /** The strategy whose products are recommended. */
    private static final String RECOMMENDED = "private-banking";
    private static final String HOST = "127.0.0.1";
    private static final String SUPERUSER = "postgres";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    // Without these a crash loses what was committed, so that no test of a promise would mean anything.
    private static final Map<String, String> DURABLE = Map.of("fsync", "on", "synchronous_commit", "on",
            "full_page_writes", "on", "wal_level", "logical");

    private final int port;
    private final Path directory;
    private final Path data;
    private final Path log;
    private final PostgresBinaries binaries;
    private final SandboxTls tls;
    private final String superuserPassword = UUID.randomUUID().toString();
    private boolean running;

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
     * @param tls null = in plain text; else nobody gets in without TLS
     */
    SandboxPostgres(int port, Path directory, Path logs, SandboxTls tls) {
        this.tls = tls;
        this.port = FreePorts.orFree(port);
        this.directory = DirectoryCleaner.create(directory);
        this.data = directory.resolve("data");
        this.log = DirectoryCleaner.create(logs).resolve("postgres.log");
        this.binaries = PostgresBinaries.unpack(directory);
        initialize();
    }

    public int port() {
        return port;
    }

    /** What clients trust, if the server speaks TLS. */
    Optional<Path> authority() {
        return Optional.ofNullable(tls).map(SandboxTls::authority);
    }

    /** Of the postmaster, the parent of all others. */
    public long pid() {
        try (var lines = Files.lines(data.resolve("postmaster.pid"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String bankUri() {
        return uri("bank");
    }

    public String nboUri() {
        return uri("nbo");
    }

    /** A new connection to the system of record, as its owner. */
    public Connection connectToBank() throws SQLException {
        return connect("bank", "bank", "bank");
    }

    /** A new connection to the service's database, as the service. */
    public Connection connectToNbo() throws SQLException {
        return connect("nbo", "nbo", "nbo");
    }

    public synchronized void start() {
        if (running) {
            return;
        }
        control("start", "-w", "-t", Long.toString(TIMEOUT.toSeconds()));
        running = true;
        try (Connection connection = connectAsSuperuser("postgres");
                Statement statement = connection.createStatement()) {
            for (var setting : DURABLE.entrySet()) {
                try (ResultSet shown = statement.executeQuery("show " + setting.getKey())) {
                    shown.next();
                    if (!shown.getString(1).equals(setting.getValue())) {
                        throw new IllegalStateException(
                                "Postgres runs with " + setting.getKey() + "=" + shown.getString(1));
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Postgres started but can't be asked, see " + log, e);
        }
    }

    /** Ends all sessions and shuts down in order. */
    public synchronized void stop() {
        end("fast");
    }

    /** Ends without a checkpoint, like a crash: the next start has to recover. */
    public synchronized void crash() {
        end("immediate");
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            DirectoryCleaner.delete(directory);
        }
    }

    /** Makes roles, databases, the bank's table and the service's schema. */
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
     * Makes one more database like {@code nbo}, with the sample offers, of the same owner.
     *
     * @return its JDBC URL
     */
    public String createDatabase(String name) {
        return createDatabase(name, "");
    }

    /** @param options of "create database", such as a locale */
    public String createDatabase(String name, String options) {
        String url = createEmptyDatabase(name, options);
        try {
            migrate(name, "banking");
            return url;
        } catch (SQLException e) {
            throw new IllegalStateException("could not migrate the database " + name, e);
        }
    }

    /**
     * Makes one more database of the same owner as {@code nbo}, with nothing in it.
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

    /** As the server says it, {@code 18.4} for example. */
    public String version() {
        try (Connection postgres = connectAsSuperuser("postgres");
                Statement statement = postgres.createStatement();
                ResultSet version = statement.executeQuery("show server_version")) {
            version.next();
            return version.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException("could not ask for the version", e);
        }
    }

    /** Drops it with everything in it, whoever is connected. */
    public void dropDatabase(String name) {
        try (Connection postgres = connectAsSuperuser("postgres"); Statement statement = postgres.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
        } catch (SQLException e) {
            throw new IllegalStateException("could not drop the database " + name, e);
        }
    }

    /** As a deployment does it: the same scripts, before the service starts. */
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

    /** The catalog that ships with a strategy. */
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
        return "jdbc:postgresql://" + HOST + ":" + port + "/" + database + verified();
    }

    private String uri(String database) {
        return "postgresql://" + database + ":" + database + "@" + HOST + ":" + port + "/" + database + verified();
    }

    private String verified() {
        return authority().map(path -> "?sslmode=verify-full&sslrootcert=" + path).orElse("");
    }

    /** A new connection as the one who may do everything. */
    public Connection connectAsSuperuser(String database) throws SQLException {
        return connect(database, SUPERUSER, superuserPassword);
    }

    /** A new connection to one of the databases. */
    public Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    private void initialize() {
        try {
            Path password = Files.createTempFile(directory, "superuser", ".txt");
            Files.writeString(password, superuserPassword);
            int status = binaries.run(log, TIMEOUT, "initdb", "-D", data.toString(), "-U", SUPERUSER, "-A",
                    "scram-sha-256", "--pwfile", password.toString(), "-E", "UTF8", "--locale", "C", "--no-sync");
            Files.delete(password);
            if (status != 0) {
                throw new IllegalStateException("initdb failed with " + status + ", see " + log);
            }
            StringBuilder settings = new StringBuilder("\n");
            settings.append("port = ").append(port).append('\n');
            settings.append("listen_addresses = '").append(HOST).append("'\n");
            // A path of a temporary directory is too long for a socket on some systems, and nobody needs it.
            settings.append("unix_socket_directories = ''\n");
            settings.append("max_connections = 200\n");
            settings.append("log_min_messages = warning\n");
            DURABLE.forEach((name, value) -> settings.append(name).append(" = ").append(value).append('\n'));
            if (tls != null) {
                settings.append("ssl = on\n");
                settings.append("ssl_cert_file = '").append(tls.certificate()).append("'\n");
                settings.append("ssl_key_file = '").append(tls.key()).append("'\n");
                Files.writeString(data.resolve("pg_hba.conf"), "hostssl all all " + HOST + "/32 scram-sha-256\n");
            }
            Files.writeString(data.resolve("postgresql.conf"), settings, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void end(String mode) {
        if (!running) {
            return;
        }
        running = false;
        try {
            control("stop", "-m", mode, "-w", "-t", "10");
        } catch (IllegalStateException e) {
            // A session that does not let go, for instance of a replication client.
            control("stop", "-m", "immediate", "-w", "-t", "10");
        }
    }

    private void control(String action, String... arguments) {
        String[] all = new String[arguments.length + 5];
        all[0] = action;
        all[1] = "-D";
        all[2] = data.toString();
        all[3] = "-l";
        all[4] = log.toString();
        System.arraycopy(arguments, 0, all, 5, arguments.length);
        int status = binaries.run(log, TIMEOUT.plusSeconds(5), "pg_ctl", all);
        if (status != 0) {
            throw new IllegalStateException("pg_ctl " + action + " failed with " + status + ", see " + log);
        }
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
