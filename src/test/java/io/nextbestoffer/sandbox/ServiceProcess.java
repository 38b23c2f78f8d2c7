package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import javax.net.ssl.HttpsURLConnection;

/**
 * The packaged service, jar or native, as a separate process.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    /** The collector that README.md recommends. */
    static final String COLLECTOR = "-XX:+UseParallelGC";

    /**
     * A packaged service.
     *
     * @param path the jar or the executable
     */
    public record Artifact(boolean isNative, Path path) {

        /** The newest artifact, built by {@code ./mvnw package} or {@code ./mvnw package -Dnative}. */
        public static Artifact last() {
            Path description = TARGET.resolve("quarkus-artifact.properties");
            if (!Files.isRegularFile(description)) {
                throw new IllegalStateException(description + " is missing: run ./mvnw package first");
            }
            Properties artifact = new Properties();
            try (InputStream in = Files.newInputStream(description)) {
                artifact.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Path path = TARGET.resolve(artifact.getProperty("path"));
            return switch (artifact.getProperty("type")) {
                case "jar" -> new Artifact(false, path);
                case "native" -> new Artifact(true, path);
                default ->
                    throw new IllegalStateException("can't run an artifact of type " + artifact.getProperty("type"));
            };
        }

        /** All packaged artifacts, not only the newest. */
        public static List<Artifact> all() {
            List<Artifact> all = new ArrayList<>();
            Path jar = TARGET.resolve("quarkus-app").resolve("quarkus-run.jar");
            if (Files.isRegularFile(jar)) {
                all.add(new Artifact(false, jar));
            }
            try (Stream<Path> files = Files.list(TARGET)) {
                files.filter(file -> file.toString().endsWith("-runner") && Files.isExecutable(file))
                        .forEach(file -> all.add(new Artifact(true, file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return all;
        }

        /** Bytes on disk of the executable, or of the jar and its libraries without Java. */
        public long size() {
            try (Stream<Path> files = Files.walk(isNative ? path : path.getParent())) {
                return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private List<String> command(String heap, List<String> options) {
            List<String> command = new ArrayList<>();
            if (isNative) {
                command.add(path.toString());
                command.add("-Xmx" + heap);
                command.addAll(options);
            } else {
                command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
                command.add("-Xmx" + heap);
                command.add(COLLECTOR);
                // Set in tests only: with -Psandbox and -Pbenchmark the service has the options that users have
                Stream.of(System.getProperty("service.jvm", "").split(" ")).filter(option -> !option.isEmpty())
                        .forEach(command::add);
                command.addAll(options);
                command.add("-jar");
                command.add(path.toString());
            }
            return command;
        }
    }

    private final Process process;
    private final int httpPort;
    private final int managementPort;
    private final Path log;
    private final SandboxTls tls;
    private final Thread hook;

    private ServiceProcess(Process process, int httpPort, int managementPort, Path log, SandboxTls tls) {
        this.process = process;
        this.httpPort = httpPort;
        this.managementPort = managementPort;
        this.log = log;
        this.tls = tls;
        this.hook = new Thread(process::destroy, "end-service-" + process.pid());
        Runtime.getRuntime().addShutdownHook(hook);
        process.onExit().thenRun(this::removeHook);
    }

    /** Starts the newest artifact with the given heap, on free ports. */
    public static ServiceProcess start(String heap, Map<String, String> properties, Map<String, String> environment,
            Path log) {
        return start(Artifact.last(), heap, properties, environment, log);
    }

    /** Starts an artifact with the given heap, on free ports. */
    public static ServiceProcess start(Artifact artifact, String heap, Map<String, String> properties,
            Map<String, String> environment, Path log) {
        return start(artifact, heap, properties, environment, FreePorts.free(), FreePorts.free(), log, null);
    }

    /**
     * @param properties passed as system properties, which every user of this machine can read
     * @param environment passed as environment variables: for secrets
     * @param log file to which the output is appended
     * @param tls null for HTTP; otherwise the properties configure HTTPS
     */
    static ServiceProcess start(Map<String, String> properties, Map<String, String> environment, int httpPort,
            int managementPort, Path log, SandboxTls tls) {
        return start(Artifact.last(), "512m", properties, environment, httpPort, managementPort, log, tls);
    }

    private static ServiceProcess start(Artifact artifact, String heap, Map<String, String> properties,
            Map<String, String> environment, int httpPort, int managementPort, Path log, SandboxTls tls) {
        List<String> options = new ArrayList<>();
        properties.forEach((name, value) -> options.add("-D" + name + "=" + value));
        options.add("-Dquarkus.http.host=" + HOST);
        options.add("-Dquarkus.http." + (tls == null ? "port" : "ssl-port") + "=" + httpPort);
        options.add("-Dquarkus.management.host=" + HOST);
        options.add("-Dquarkus.management.port=" + managementPort);
        ProcessBuilder builder = new ProcessBuilder(artifact.command(heap, options));
        builder.environment().putAll(environment);
        DirectoryCleaner.create(log.toAbsolutePath().getParent());
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            return new ServiceProcess(builder.start(), httpPort, managementPort, log, tls);
        } catch (IOException e) {
            throw new UncheckedIOException("could not start the service", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public int httpPort() {
        return httpPort;
    }

    public int managementPort() {
        return managementPort;
    }

    String scheme() {
        return tls == null ? "http" : "https";
    }

    /** Waits until the service reports that it is ready to decide activities. */
    public void awaitReady(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new IllegalStateException("the service ended with " + process.exitValue() + ":\n" + logTail());
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the service is not ready after " + limit + ":\n" + logTail());
            }
            try {
                Thread.sleep(250); // the service logs each negative answer
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    public boolean isReady() {
        return isUp("ready");
    }

    /** Whether it answers liveness checks. */
    public boolean isLive() {
        return isUp("live");
    }

    private boolean isUp(String check) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            URI health = URI.create(scheme() + "://" + HOST + ":" + managementPort + "/q/health/" + check);
            HttpURLConnection connection = (HttpURLConnection) health.toURL().openConnection();
            if (connection instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(tls.sslContext().getSocketFactory());
            }
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(2000);
            try {
                int status = connection.getResponseCode();
                // Only a body that was read completely lets the connection be reused.
                try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                    if (body != null) {
                        body.readAllBytes();
                    }
                }
                return status == 200;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends SIGTERM, and SIGKILL after 20 s. */
    public void stop() {
        ChildProcess.stop(process);
    }

    /** Sends SIGKILL, like a crash. */
    public void kill() {
        ChildProcess.kill(process);
    }

    /** Empty while it runs. */
    public OptionalInt exitCode() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    CompletableFuture<ServiceProcess> onExit() {
        return process.onExit().thenApply(ended -> this);
    }

    /** The last lines of its output. */
    public String logTail() {
        return ChildProcess.tail(log);
    }

    @Override
    public void close() {
        stop();
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This process is ending: the hook is running already.
        }
    }
}
