package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Apicurio Registry, the application published on Maven Central, as a separate process on this machine. It stores its
 * schemas in a file, so {@link #stop()} and {@link #start()} keep them.
 */
public final class SandboxRegistry implements AutoCloseable {
    private static final Path HOME = Path.of("target", "apicurio-registry");
    private static final String CONFLUENT = "/apis/ccompat/v7";
    private static final Duration STARTING = Duration.ofMinutes(1);
    private static final String CONVERTER = "io.apicurio.registry.utils.converter.AvroConverter";

    private final int port = FreePorts.free();
    private final int tlsPort;
    private final Path directory;
    private final Path log;
    private final SandboxTls tls;
    private Process process;
    private Thread hook;

    private SandboxRegistry(Path directory, Path logs, SandboxTls tls) {
        this.directory = directory;
        this.log = logs.resolve("registry.log");
        this.tls = tls;
        this.tlsPort = tls == null ? 0 : FreePorts.free();
    }

    /**
     * Starts a registry, and returns once it answers.
     *
     * @param tls certificate for a second port with TLS; null for plain HTTP only
     */
    static SandboxRegistry start(Path directory, Path logs, SandboxTls tls) {
        DirectoryCleaner.create(directory);
        DirectoryCleaner.create(logs);
        var registry = new SandboxRegistry(directory, logs, tls);
        registry.start();
        return registry;
    }

    public synchronized void start() {
        if (process != null) {
            return;
        }
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port, "-Dquarkus.datasource.jdbc.initial-size=1",
                "-Dquarkus.datasource.jdbc.min-size=1"));
        if (tls != null) {
            command.addAll(List.of("-Dquarkus.http.ssl-port=" + tlsPort,
                    "-Dquarkus.http.ssl.certificate.files=" + tls.certificate(),
                    "-Dquarkus.http.ssl.certificate.key-files=" + tls.key()));
        }
        command.addAll(List.of("-jar", jar().toString()));
        var builder = new ProcessBuilder(command);
        builder.environment().put("REGISTRY_DATASOURCE_URL",
                // Writes schemas to disk before it answers: on a machine under load, a clean shutdown may take too long
                "jdbc:h2:file:" + directory.toAbsolutePath().resolve("schemas") + ";WRITE_DELAY=0");
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not start the registry", e);
        }
        hook = new Thread(process::destroy, "end-registry-" + process.pid());
        Runtime.getRuntime().addShutdownHook(hook);
        awaitStarted();
    }

    public synchronized void stop() {
        if (process == null) {
            return;
        }
        ChildProcess.stop(process);
        process = null;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This process is ending.
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** URL of its Confluent-compatible API. */
    public String url() {
        return "http://127.0.0.1:" + port + CONFLUENT;
    }

    /** Configures a service to use this registry, with TLS if available. */
    Map<String, String> serviceProperties() {
        return tls == null
                ? Map.of("nbo.registry.url", url())
                : Map.of("nbo.registry.url", "https://127.0.0.1:" + tlsPort + CONFLUENT,
                        "nbo.registry.tls-configuration", "registry",
                        "quarkus.tls.registry.trust-store.pem.certs", tls.authority().toString());
    }

    /** Makes Debezium write Confluent's wire format: no headers, and ids of four bytes that {@link #url} resolves. */
    Map<String, String> converterConfig() {
        return Map.of("key.converter.class", CONVERTER, "value.converter.class", CONVERTER,
                "converter.apicurio.registry.url", "http://127.0.0.1:" + port + "/apis/registry/v2",
                "converter.apicurio.registry.auto-register", "true", "converter.apicurio.registry.as-confluent", "true",
                "converter.apicurio.registry.use-id", "contentId", "converter.apicurio.registry.headers.enabled",
                "false");
    }

    private static Path jar() {
        try (var files = Files.list(HOME)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner.jar")).findFirst().orElseThrow(
                    () -> new IllegalStateException("no registry found in " + HOME.toAbsolutePath()));
        } catch (IOException e) {
            throw new IllegalStateException(HOME.toAbsolutePath()
                    + " is missing: run ./mvnw package dependency:unpack@registry, or set -Dsandbox.format=avro", e);
        }
    }

    private void awaitStarted() {
        long deadline = System.nanoTime() + STARTING.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                stop();
                throw new IllegalStateException("the registry did not start:\n" + ChildProcess.tail(log));
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private boolean answers() {
        try {
            var connection = (HttpURLConnection) URI.create(url() + "/subjects").toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(5000);
            try {
                return connection.getResponseCode() == 200;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false;
        }
    }
}
