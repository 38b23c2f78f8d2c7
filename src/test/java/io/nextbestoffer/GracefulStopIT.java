package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.parallel.Isolated;

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxIssuer;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/**
 * Tests that a replica finishes its batches and requests after SIGTERM, hands its partitions over to the others, and
 * exits. The service requires tokens, as in production.
 */
@Isolated
class GracefulStopIT {

    /** Exit status of a JVM after SIGTERM. */
    private static final int TERMINATED = 143;
    private static final int UNKNOWN_CUSTOMER = 990_001;
    private static final Duration STARTING = Duration.ofSeconds(90);
    /** Activities per second. To measure latencies: {@code -Dgraceful.rate=2000 -Dgraceful.pause=15000}. */
    private static final int RATE = Integer.getInteger("graceful.rate", 300);
    private static final int PAUSE = Integer.getInteger("graceful.pause", 2_000);

    private static SandboxIssuer issuer;

    @BeforeAll
    static void startIssuer() {
        issuer = SandboxIssuer.start();
    }

    @AfterAll
    static void stopIssuer() {
        issuer.close();
    }

    @Test
    void commitsTheBatchInFlightAndContinuesAfterItWhenRestarted() throws Exception {
        // Given
        try (var sandbox = start(); var traffic = new TestTraffic(sandbox.kafka())) {
            ServiceProcess service = startReplica(sandbox, "first", "replica", Map.of());
            SteadyActivities.sendCustomers(sandbox, traffic);
            try (var load = new SteadyActivities(traffic, 500)) {
                await().atMost(STARTING).until(() -> traffic.committed(SandboxTopics.OFFERS).size() > 500);
                int before;
                CompletableFuture<Void> stopped;
                try (Connection nbo = sandbox.postgres().connectToNbo(); Statement statement = nbo.createStatement()) {
                    // Blocks a batch while it parks an activity
                    nbo.setAutoCommit(false);
                    statement.execute("lock table parked_activity in exclusive mode");
                    traffic.activity(UNKNOWN_CUSTOMER, 1, "deposit", 0.5);
                    await().atMost(STARTING).until(() -> waitingForLocks(sandbox) > 0);
                    before = traffic.committed(SandboxTopics.OFFERS).size();

                    // When
                    stopped = CompletableFuture.runAsync(service::stop);
                    await().atMost(STARTING).until(() -> !service.isReady());
                    Thread.sleep(1_000);

                    // Then
                    assertThat(service.exitCode()).isEmpty();
                    assertThat(traffic.committed(SandboxTopics.OFFERS)).hasSize(before);
                    nbo.rollback();
                }
                stopped.join();

                assertThat(service.exitCode()).hasValue(TERMINATED);
                assertNoTransactionIsOpen(sandbox);
                assertThat(traffic.committed(SandboxTopics.OFFERS)).hasSizeGreaterThan(before)
                        .as("one activity is parked").hasSize(committed(sandbox) - 1);
                assertNoRewindAndNoError(sandbox, "first");

                ServiceProcess second = startReplica(sandbox, "second", "replica", Map.of());
                load.close();
                load.assertExactlyOnce();
                second.stop();
                assertNoRewindAndNoError(sandbox, "second");
            }
        }
    }

    @Test
    void answersRequestsInFlightAndEndsLiveStreams() throws Exception {
        // Given
        try (var sandbox = start(); var traffic = new TestTraffic(sandbox.kafka())) {
            ServiceProcess service = startReplica(sandbox, "service", "replica", Map.of());
            traffic.awaitOffer(traffic.activity(1, 1, "deposit", 0.5));
            var http = HttpClient.newHttpClient();
            await().until(() -> http.send(request(service, "/customers/1/offer"),
                    HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
            var lines = http.send(request(service, "/offers/stream"), HttpResponse.BodyHandlers.ofLines()).body()
                    .iterator();
            assertThat(lines.next()).as("the live stream has begun").startsWith(":");
            try (Connection nbo = sandbox.postgres().connectToNbo(); Statement statement = nbo.createStatement()) {
                nbo.setAutoCommit(false);
                statement.execute("lock table latest_offer in access exclusive mode");
                var answer = http.sendAsync(request(service, "/customers/1/offer"),
                        HttpResponse.BodyHandlers.ofString());
                await().atMost(STARTING).until(() -> waitingForLocks(sandbox) > 0);
                long begin = System.nanoTime();

                // When
                var stopped = CompletableFuture.runAsync(service::stop);
                Thread.sleep(1_000);
                nbo.rollback();

                // Then
                assertThat(answer.join().statusCode()).isEqualTo(200);
                assertThat(
                        TestTraffic.json(answer.join().body().getBytes(StandardCharsets.UTF_8)).get("activity_id")
                                .asInt())
                        .isEqualTo(1);
                stopped.join();
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("quarkus.shutdown.timeout")
                        .isLessThan(Duration.ofSeconds(10));
                assertThat(service.exitCode()).hasValue(TERMINATED);
                lines.forEachRemaining(line -> assertThat(line).as("the stream ended cleanly").isEmpty());
            }
        }
    }

    /**
     * The default assignor is eager: a replica commits before it hands its partitions over, so no batch is repeated.
     */
    @Test
    void survivesARollingRestartOfTwoReplicas() throws Exception {
        try (var sandbox = start(); var traffic = new TestTraffic(sandbox.kafka())) {
            rollingRestart(sandbox, traffic, "eager", Map.of());

            for (String log : List.of("one", "two", "one again", "two again")) {
                assertNoRewindAndNoError(sandbox, log);
            }
        }
    }

    /**
     * With a cooperative assignor, a replica keeps partitions during a rebalance and may commit with the previous
     * generation. Kafka rejects that commit, and the replica rewinds.
     */
    @Test
    @EnabledIfSystemProperty(named = "faults.scale", matches = "long", disabledReason = "long; with -Pfaults")
    void survivesARollingRestartWithACooperativeAssignor() throws Exception {
        try (var sandbox = start(); var traffic = new TestTraffic(sandbox.kafka())) {
            rollingRestart(sandbox, traffic, "cooperative",
                    Map.of("mp.messaging.incoming.activities.partition.assignment.strategy",
                            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"));
        }
    }

    private static void rollingRestart(SandboxInfrastructure sandbox, TestTraffic traffic, String protocol,
            Map<String, String> properties) throws Exception {
        // Given
        var replicas = new LinkedHashMap<String, ServiceProcess>();
        for (String name : List.of("one", "two")) {
            replicas.put(name, startReplica(sandbox, name, name, properties));
        }
        SteadyActivities.sendCustomers(sandbox, traffic);
        var report = new StringBuilder(protocol + " rolling restart at " + RATE + "/s");
        try (var watch = new LatencyWatch(sandbox.kafka()); var load = new SteadyActivities(traffic, RATE)) {
            await().atMost(STARTING).until(() -> watch.count() > RATE * 5);
            long begin = System.currentTimeMillis();
            var phases = new TreeMap<Long, String>(Map.of(begin, "steady"));
            Thread.sleep(PAUSE);

            // When
            for (String name : List.of("one", "two")) {
                phases.put(System.currentTimeMillis(), name + " stops");
                replicas.get(name).stop();
                phases.put(System.currentTimeMillis(), name + " has exited");
                Thread.sleep(PAUSE);
                phases.put(System.currentTimeMillis(), name + " starts");
                replicas.put(name + " again", startReplica(sandbox, name + " again", name, properties));
                phases.put(System.currentTimeMillis(), name + " is ready");
                Thread.sleep(PAUSE);
            }
            load.close();

            // Then
            load.assertExactlyOnce();
            phases.put(Long.MAX_VALUE, "end");
            phases.forEach((from, phase) -> {
                if (from < Long.MAX_VALUE) {
                    long to = phases.higherKey(from);
                    report.append("\n%15s at %4.1f s: %s".formatted(phase, (from - begin) / 1000.0,
                            watch.between(from, to)));
                }
            });
            System.out.println(report.append(Boolean.getBoolean("graceful.seconds") ? watch.perSecond(begin) : ""));
            for (String name : List.of("one", "two")) {
                assertThat(replicas.get(name).exitCode()).as(name).hasValue(TERMINATED);
            }
        } finally {
            replicas.values().forEach(ServiceProcess::stop);
        }
    }

    private static SandboxInfrastructure start() {
        var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
        sandbox.debezium().stop();
        return sandbox;
    }

    private static ServiceProcess startReplica(SandboxInfrastructure sandbox, String log, String instance,
            Map<String, String> properties) {
        var all = new HashMap<>(issuer.serviceProperties());
        all.putAll(properties);
        all.put("nbo.stream.instance", instance);
        ServiceProcess service = sandbox.startService(log, 0, 0, all);
        service.awaitReady(STARTING);
        return service;
    }

    private static HttpRequest request(ServiceProcess service, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + service.httpPort() + path))
                .header("Authorization", "Bearer " + issuer.token("app", Duration.ofMinutes(5), Roles.READER)).build();
    }

    private static int waitingForLocks(SandboxInfrastructure sandbox) throws Exception {
        return SteadyActivities.count(sandbox, "select count(*) from pg_locks where not granted");
    }

    /**
     * Checks that the last stable offset of each partition is its end, so that readers of committed records see all of
     * them.
     */
    private static void assertNoTransactionIsOpen(SandboxInfrastructure sandbox) throws Exception {
        try (Admin admin = admin(sandbox)) {
            Set<TopicPartition> partitions = admin.describeTopics(Set.of(SandboxTopics.OFFERS)).allTopicNames().get()
                    .get(SandboxTopics.OFFERS).partitions().stream()
                    .map(info -> new TopicPartition(SandboxTopics.OFFERS, info.partition()))
                    .collect(Collectors.toSet());
            var latest = partitions.stream().collect(Collectors.toMap(one -> one, one -> OffsetSpec.latest()));
            for (TopicPartition partition : partitions) {
                var stable = admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
                var all = admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED));
                assertThat(stable.partitionResult(partition).get().offset())
                        .isEqualTo(all.partitionResult(partition).get().offset());
            }
        }
    }

    /** The number of processed activities: input topics have no gaps between offsets. */
    private static int committed(SandboxInfrastructure sandbox) throws Exception {
        try (Admin admin = admin(sandbox)) {
            return (int) admin.listConsumerGroupOffsets("next-best-offer").partitionsToOffsetAndMetadata().get()
                    .values().stream().mapToLong(offset -> offset.offset()).sum();
        }
    }

    private static Admin admin(SandboxInfrastructure sandbox) {
        return Admin.create(Map.of("bootstrap.servers", sandbox.kafka().bootstrapServers()));
    }

    private static void assertNoRewindAndNoError(SandboxInfrastructure sandbox, String log) throws IOException {
        assertThat(Files.readAllLines(sandbox.logs().resolve(log + ".log"), StandardCharsets.ISO_8859_1))
                .noneMatch(line -> line.contains("rewinding") || line.contains(" ERROR "));
    }
}
