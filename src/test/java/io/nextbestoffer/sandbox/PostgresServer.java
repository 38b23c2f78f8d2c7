package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Postgres server on this machine; {@link SandboxPostgres} creates its databases. Stopping, crashing and starting
 * keep the port and the data.
 */
interface PostgresServer {

    String HOST = "127.0.0.1";
    String SUPERUSER = "postgres";
    Duration TIMEOUT = Duration.ofSeconds(60);
    // Without these settings a crash loses committed data, and tests of durability would prove nothing.
    Map<String, String> DURABLE = Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on",
            "wal_level", "logical");

    /** Where the server runs, chosen with {@code -Dsandbox.postgres}. */
    enum Kind {
        EMBEDDED, TESTCONTAINERS;

        private static final String PROPERTY = "sandbox.postgres";

        /** @throws SandboxSettings.Invalid if the property has an unknown value, or no container runtime answers */
        static Kind chosen() {
            String value = System.getProperty(PROPERTY, "").strip();
            return switch (value) {
                case "", "embedded" -> EMBEDDED;
                case "testcontainers" -> {
                    ContainerPostgres.requireRuntime();
                    yield TESTCONTAINERS;
                }
                default -> throw new SandboxSettings.Invalid(
                        "-D" + PROPERTY + "=" + value + " is neither embedded nor testcontainers");
            };
        }
    }

    /**
     * A server that has not been started.
     *
     * @param directory for its data, if they are kept in a directory
     * @param logs directory for its log
     * @param tls null for plain text; otherwise the server rejects connections without TLS
     */
    static PostgresServer create(int port, Path directory, Path logs, SandboxTls tls, String superuserPassword) {
        Path log = DirectoryCleaner.create(logs).resolve("postgres.log");
        return switch (Kind.chosen()) {
            case EMBEDDED -> new EmbeddedPostgres(port, directory, log, tls, superuserPassword);
            case TESTCONTAINERS -> new ContainerPostgres(port, log, tls, superuserPassword);
        };
    }

    /** The settings of every server, beyond Postgres' defaults. */
    static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(DURABLE);
        settings.put("max_connections", "200");
        settings.put("log_min_messages", "warning");
        return settings;
    }

    /** Process id of the postmaster, the parent of all other processes of the server. */
    long pid();

    /** Starts the server, for the first time or again. */
    void start();

    /** Ends all sessions and shuts down cleanly. */
    void stop();

    /** Ends without a checkpoint, like a crash: the next start has to recover. */
    void crash();

    /** Suspends all its processes, so that it answers nothing and closes no connection. */
    void freeze();

    /** Lets a frozen server continue. Harmless if it is not frozen. */
    void thaw();

    /** Deletes the data of a server that has been stopped. */
    void delete();
}
