package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A Postgres server that runs on this machine, from the binaries of a Maven artifact.
 * <p>
 * Replaces zonky's {@code EmbeddedPostgres}, which starts Postgres without fsync and without passwords, and whose
 * shutdown hook ends the database while the service is still running.
 */
final class EmbeddedPostgres implements PostgresServer {
    private final Path directory;
    private final Path data;
    private final Path log;
    private final PostgresBinaries binaries;

    EmbeddedPostgres(int port, Path directory, Path log, SandboxTls tls, String superuserPassword) {
        this.directory = DirectoryCleaner.create(directory);
        this.data = directory.resolve("data");
        this.log = log;
        this.binaries = PostgresBinaries.unpack(directory);
        initialize(superuserPassword);
        configure(port, tls);
    }

    @Override
    public long pid() {
        try (var lines = Files.lines(data.resolve("postmaster.pid"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start() {
        control("start", "-l", log.toString(), "-w", "-t", Long.toString(TIMEOUT.toSeconds()));
    }

    @Override
    public void stop() {
        try {
            control("stop", "-m", "fast", "-w", "-t", "10");
        } catch (IllegalStateException e) {
            // A session has not ended, for instance that of a replication client.
            crash();
        }
    }

    @Override
    public void crash() {
        control("stop", "-m", "immediate", "-w", "-t", "10");
    }

    @Override
    public void freeze() {
        signal("STOP");
    }

    @Override
    public void thaw() {
        signal("CONT");
    }

    private void signal(String signal) {
        ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
        // The postmaster first: once it is stopped, there are no new processes
        run("kill", "-" + signal, Long.toString(postmaster.pid()));
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        postmaster.descendants().forEach(process -> command.add(Long.toString(process.pid())));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) {
        try {
            new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void delete() {
        DirectoryCleaner.delete(directory);
    }

    private void initialize(String superuserPassword) {
        try {
            Path password = Files.createTempFile(directory, "superuser", ".txt");
            Files.writeString(password, superuserPassword);
            int status = binaries.run(log, TIMEOUT, "initdb", "-D", data.toString(), "-U", SUPERUSER, "-A",
                    "scram-sha-256", "--pwfile", password.toString(), "-E", "UTF8", "--locale", "C", "--no-sync");
            Files.delete(password);
            if (status != 0) {
                throw new IllegalStateException("initdb failed with " + status + ", see " + log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void configure(int port, SandboxTls tls) {
        StringBuilder settings = new StringBuilder("\n");
        settings.append("port = ").append(port).append('\n');
        settings.append("listen_addresses = '").append(HOST).append("'\n");
        // The path of a temporary directory is too long for a socket on some systems, and nothing uses the socket.
        settings.append("unix_socket_directories = ''\n");
        PostgresServer.settings()
                .forEach((name, value) -> settings.append(name).append(" = ").append(value).append('\n'));
        try {
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

    private void control(String action, String... arguments) {
        List<String> all = new ArrayList<>(List.of(action, "-D", data.toString()));
        all.addAll(List.of(arguments));
        int status = binaries.run(log, TIMEOUT.plusSeconds(5), "pg_ctl", all.toArray(String[]::new));
        if (status != 0) {
            throw new IllegalStateException("pg_ctl " + action + " failed with " + status + ", see " + log);
        }
    }
}
