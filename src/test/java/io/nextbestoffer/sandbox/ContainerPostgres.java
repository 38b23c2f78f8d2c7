package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

import com.github.dockerjava.api.exception.DockerException;

/**
 * A Postgres server in a container, started with Testcontainers from the image {@code -Dsandbox.postgres.image}. The
 * container runtime must run on this machine, because all other processes connect to a port of the loopback address.
 */
final class ContainerPostgres implements PostgresServer {
    private static final String IMAGE = "postgres:18.4";
    private static final int STOP_SECONDS = 10;
    private static final String TLS = "/tls/";
    // Postgres accepts a key only if no other user can read it.
    private static final String START_WITH_TLS = "install -o postgres -m 600 " + TLS + "key " + TLS
            + "server.key && exec docker-entrypoint.sh \"$@\"";

    private final Path log;
    private final String url;
    private final String superuserPassword;
    private final PostgreSQLContainer container;
    private boolean created;

    ContainerPostgres(int port, Path log, SandboxTls tls, String superuserPassword) {
        this.log = log;
        this.url = "jdbc:postgresql://" + HOST + ":" + port + "/" + SUPERUSER + (tls == null ? "" : "?sslmode=require");
        this.superuserPassword = superuserPassword;
        String chosen = System.getProperty("sandbox.postgres.image", "").strip();
        container = new PostgreSQLContainer(
                DockerImageName.parse(chosen.isEmpty() ? IMAGE : chosen).asCompatibleSubstituteFor("postgres"));
        container.withUsername(SUPERUSER).withPassword(superuserPassword).withDatabaseName(SUPERUSER)
                .withEnv("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C").withLogConsumer(this::log)
                .waitingFor(new AbstractWaitStrategy() {
                    @Override
                    protected void waitUntilReady() {
                        awaitAnswer();
                    }
                }).setPortBindings(List.of(HOST + ":" + port + ":" + PostgreSQLContainer.POSTGRESQL_PORT));
        List<String> command = new ArrayList<>(List.of("postgres"));
        PostgresServer.settings().forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        if (tls != null) {
            command.addAll(List.of("-c", "ssl=on", "-c", "ssl_cert_file=" + TLS + "certificate", "-c",
                    "ssl_key_file=" + TLS + "server.key", "-c", "hba_file=" + TLS + "hba"));
            serveTls(tls);
        }
        container.setCommand(command.toArray(String[]::new));
    }

    /** @throws SandboxSettings.Invalid if no container runtime answers */
    static void requireRuntime() {
        Logger logger = Logger.getLogger("org.testcontainers");
        Level level = logger.getLevel();
        // Testcontainers logs a stack trace for each failed attempt to reach a runtime.
        logger.setLevel(Level.OFF);
        try {
            if (!DockerClientFactory.instance().isDockerAvailable()) {
                throw new SandboxSettings.Invalid(
                        "-Dsandbox.postgres=testcontainers needs a container runtime, and none"
                                + " answers: start Docker, or set DOCKER_HOST to Podman's socket, or leave the property"
                                + " out");
            }
        } finally {
            logger.setLevel(level);
        }
    }

    @Override
    public long pid() {
        return container.getCurrentContainerInfo().getState().getPidLong();
    }

    @Override
    public void start() {
        if (created) {
            container.getDockerClient().startContainerCmd(container.getContainerId()).exec();
            awaitAnswer();
        } else {
            container.start();
            created = true;
        }
    }

    @Override
    public void stop() {
        try {
            container.getDockerClient().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
        } catch (DockerException e) {
            // This process is ending, and the shutdown hook of Testcontainers has removed the container already.
        }
    }

    @Override
    public void crash() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void freeze() {
        container.getDockerClient().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void thaw() {
        if (Boolean.TRUE.equals(container.getCurrentContainerInfo().getState().getPaused())) {
            container.getDockerClient().unpauseContainerCmd(container.getContainerId()).exec();
        }
    }

    @Override
    public void delete() {
        container.stop();
    }

    private void serveTls(SandboxTls tls) {
        try {
            container.withCopyToContainer(Transferable.of(Files.readAllBytes(tls.certificate())), TLS + "certificate")
                    .withCopyToContainer(Transferable.of(Files.readAllBytes(tls.key()), 0600), TLS + "key")
                    .withCopyToContainer(
                            Transferable.of("local all all trust\nhostssl all all all scram-sha-256\n"), TLS + "hba")
                    .withCreateContainerCmdModifier(
                            command -> command.withEntrypoint("sh", "-c", START_WITH_TLS, "postgres-with-tls"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                DriverManager.getConnection(url, SUPERUSER, superuserPassword).close();
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline || !container.isRunning()) {
                    throw new IllegalStateException("Postgres did not start in its container, see " + log, e);
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private void log(OutputFrame frame) {
        try {
            Files.writeString(log, frame.getUtf8String(), StandardCharsets.UTF_8, StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            // The directory is gone: the sandbox is ending.
        }
    }
}
