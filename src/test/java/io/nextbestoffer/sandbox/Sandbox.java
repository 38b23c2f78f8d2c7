package io.nextbestoffer.sandbox;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import io.nextbestoffer.platform.Roles;

/**
 * Runs a sample bank in one command without Docker: its database, change events, activities, and the packaged service
 * that decides them.
 */
public final class Sandbox implements AutoCloseable {
    private static final Duration SETTLING = Duration.ofSeconds(30);
    private static final Duration STARTING = Duration.ofMinutes(2);
    private static final Duration TOKENS_VALID = Duration.ofHours(12);

    private final SandboxSettings settings;
    private final SandboxConsole console;
    private final long deadline;
    private final Path directory = DirectoryCleaner.temporary();
    private final RecordBalance balance;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    // All running components, in the order in which they are closed.
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Map<String, UUID> topicIds = new ConcurrentHashMap<>();
    private SandboxIssuer issuer;
    private volatile boolean closing;
    private volatile boolean failed;
    private boolean closed;

    /** @param deadline end of the run in terms of {@link System#nanoTime()}, if the settings limit it */
    private Sandbox(SandboxSettings settings, SandboxConsole console, long deadline) {
        this.settings = settings;
        this.console = console;
        this.deadline = deadline;
        this.balance = new RecordBalance(settings.exitAfter() != null); // printed only at the end of a limited run
    }

    public static void main(String[] arguments) {
        long started = System.nanoTime();
        SandboxLogging.useJbossLogManager();
        SandboxConsole console = new SandboxConsole();
        SandboxSettings settings;
        try {
            settings = SandboxSettings.from(System.getProperties()).withFreePorts();
            PostgresServer.Kind.chosen();
        } catch (SandboxSettings.Invalid e) {
            console.line("%s", e.getMessage());
            System.exit(1);
            return;
        }
        long deadline = settings.exitAfter() == null ? 0 : started + settings.exitAfter().toNanos();
        Sandbox sandbox = new Sandbox(settings, console, deadline);
        // Runs after Ctrl-C, SIGTERM and the exit below.
        Runtime.getRuntime().addShutdownHook(new Thread(sandbox::close, "sandbox-end"));
        // The parent process, such as Maven, may be killed without a signal to this one.
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(1)));
        System.exit(sandbox.run());
    }

    private int run() {
        SandboxLogging.toFile(logs().resolve("sandbox.log"));
        console.line("starting Kafka, Postgres and Debezium; logs are in %s", logs());
        int status;
        try {
            start();
            status = awaitEnd();
        } catch (Exception e) {
            if (closing) {
                return 1;
            }
            console.line("the sandbox has failed: %s", e.getMessage() == null ? e : e.getMessage());
            status = 1;
        }
        failed = status != 0;
        return status;
    }

    private void start() {
        var options = SandboxInfrastructure.Options.defaults().withDirectory(directory).withSample()
                .withStrategy(settings.strategy())
                .withPorts(settings.kafkaPort(), settings.postgresPort())
                .withPartitions(settings.partitions()).withTls(settings.tls());
        SandboxInfrastructure infrastructure = run(
                () -> SandboxInfrastructure.start(settings.avro() ? options.withAvro() : options));
        SandboxAvro avro = settings.avro() ? new SandboxAvro(infrastructure.registry().url()) : null;
        String kafka = infrastructure.kafka().bootstrapServers();
        OutputWatch watch = run(
                () -> new OutputWatch(infrastructure.kafka(), avro, console, balance,
                        topic -> topicId(infrastructure, topic),
                        this::fail));
        watch.start();
        console.line("");
        console.line("  Kafka       %s", kafka);
        console.line("  bank        %s", infrastructure.postgres().bankUri());
        console.line("  nbo         %s", infrastructure.postgres().nboUri());
        if (avro != null) {
            console.line("  registry    %s", infrastructure.registry().url());
        }
        if (settings.tls()) {
            console.line("  authority   %s", infrastructure.tls().authority());
            console.line("  Kafka tools --command-config %s", infrastructure.tls().kafkaClientFile());
        }
        String ready = "sandbox ready kafka=" + kafka + " bank=" + infrastructure.postgres().bankUri() + " nbo="
                + infrastructure.postgres().nboUri();
        if (settings.infrastructureOnly()) {
            // Without a service no activities are sent: they would not be decided.
            console.line("");
            console.line(ready);
            awaitDeadline();
            return;
        }
        ServiceProcess service = startService(infrastructure);
        console.line("");
        console.line(ready + " http=" + service.scheme() + "://localhost:" + settings.httpPort() + " management="
                + service.scheme() + "://localhost:" + settings.managementPort() + " pid=" + service.pid());
        UUID activityTopic = topicId(infrastructure, SandboxTopics.ACTIVITY);
        ActivityFeed feed = run(() -> new ActivityFeed(infrastructure.kafka(), avro, settings.rate(),
                sent -> balance.sent(new InputPosition(activityTopic, sent.partition(), sent.offset())), this::fail));
        feed.start();
        service.onExit().thenAccept(this::serviceEnded);
        if (!awaitDeadline()) {
            feed.stop();
            exit.complete(settle(infrastructure, activityTopic));
        }
    }

    private ServiceProcess startService(SandboxInfrastructure infrastructure) {
        Map<String, String> properties = new HashMap<>();
        properties.put("nbo.strategies.initial", settings.strategy() + ",private-banking");
        if (settings.tokens()) {
            issuer = run(SandboxIssuer::start);
            properties.putAll(issuer.serviceProperties());
        }
        ServiceProcess service = run(() -> infrastructure.startService("service", settings.httpPort(),
                settings.managementPort(), properties));
        console.line("  service     %s://localhost:%d  (process %d)", service.scheme(), settings.httpPort(),
                service.pid());
        console.line("  management  %s://localhost:%d", service.scheme(), settings.managementPort());
        Duration limit = STARTING;
        if (settings.exitAfter() != null) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            limit = left.compareTo(limit) < 0 ? left : limit;
        }
        service.awaitReady(limit);
        if (settings.tokens()) {
            printTokens();
        }
        return service;
    }

    /** Prints an example call for each role, with a token. */
    private void printTokens() {
        console.line("");
        console.line("  tokens      issued by %s for this sandbox only, valid for %d hours", issuer.uri(),
                TOKENS_VALID.toHours());
        String json = " -H 'Content-Type: application/json' -d ";
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put(Roles.READER, "/customers/1/offer");
        calls.put(Roles.INGEST, "/activities" + json + "'{\"activity_id\": 100, \"customer_id\": 1,"
                + " \"activity_type\": \"deposit\", \"propensity_to_buy\": 0.4}'");
        calls.put(Roles.MARKETER, "/offers/1 -X PUT" + json + "'{\"offer_name\": \"gold_savings\","
                + " \"offer_url\": \"https://example.com/gold\"}'");
        calls.put(Roles.APPROVER, "/strategies/" + settings.strategy() + "/versions/1/document");
        calls.put(Roles.OPERATOR, "/customers");
        calls.forEach((role, call) -> {
            console.line("");
            console.line("  %s", role);
            console.line("curl -H 'Authorization: Bearer %s' http://localhost:%d%s",
                    issuer.token(role, TOKENS_VALID, role), settings.httpPort(), call);
        });
    }

    /** Waits until the time limit, if any; returns true if the run ended earlier for another reason. */
    private boolean awaitDeadline() {
        try {
            if (settings.exitAfter() == null) {
                exit.join();
            } else {
                exit.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            }
            return true;
        } catch (TimeoutException e) {
            if (settings.infrastructureOnly()) {
                console.line("sandbox done %s", balance.balance(Set.of()));
                exit.complete(0);
            }
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private int awaitEnd() {
        return exit.join();
    }

    /** Waits up to 30 s until every record sent has an outcome. */
    private int settle(SandboxInfrastructure infrastructure, UUID activityTopic) {
        long limit = System.nanoTime() + SETTLING.toNanos();
        RecordBalance.Balance result = balance(infrastructure, activityTopic);
        while (result.missing() > 0 && System.nanoTime() < limit && !exit.isDone()) {
            pause(200);
            result = balance(infrastructure, activityTopic);
        }
        // A duplicate may arrive a little later.
        pause(1000);
        result = balance(infrastructure, activityTopic);
        console.line("sandbox done %s", result);
        return result.isComplete() ? 0 : 1;
    }

    private RecordBalance.Balance balance(SandboxInfrastructure infrastructure, UUID activityTopic) {
        Set<InputPosition> parked = new HashSet<>();
        // An activity with a release number is no longer parked: its offer is written or about to be written.
        try (Connection nbo = infrastructure.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select topic_id, topic_partition, topic_offset from parked_activity
                        where release_number is null""")) {
            while (rows.next()) {
                parked.add(new InputPosition(rows.getObject(1, UUID.class), rows.getInt(2), rows.getLong(3)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("could not read parked activities", e);
        }
        return balance.balance(parked);
    }

    private UUID topicId(SandboxInfrastructure infrastructure, String topic) {
        return topicIds.computeIfAbsent(topic, infrastructure.kafka()::topicId);
    }

    private void serviceEnded(ServiceProcess service) {
        if (!closing) {
            console.line("the service has ended with exit code %d:%n%s", service.exitCode().orElse(-1),
                    service.logTail());
            exit.complete(1);
        }
    }

    private void fail(Exception e) {
        if (!closing) {
            console.line("the sandbox has failed: %s", e);
            exit.complete(1);
        }
    }

    /** Starts a component unless the sandbox is ending. Closing waits until a start is complete. */
    private synchronized <T extends AutoCloseable> T run(Supplier<T> start) {
        if (closing) {
            throw new IllegalStateException("the sandbox is ending");
        }
        T started = start.get();
        running.push(started);
        return started;
    }

    @Override
    public void close() {
        closing = true;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            while (!running.isEmpty()) {
                try {
                    running.pop().close();
                } catch (Exception e) {
                    console.line("closing failed: %s", e);
                }
            }
        }
        if (failed) {
            DirectoryCleaner.delete(directory, logs());
            console.line("logs are kept in %s", logs());
        } else {
            DirectoryCleaner.delete(directory);
        }
    }

    private Path logs() {
        return directory.resolve("logs");
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
