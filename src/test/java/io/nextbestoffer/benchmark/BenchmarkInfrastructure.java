package io.nextbestoffer.benchmark;

import static io.nextbestoffer.sandbox.SandboxKafka.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import io.nextbestoffer.sandbox.DirectoryCleaner;
import io.nextbestoffer.sandbox.KafkaProcess;
import io.nextbestoffer.sandbox.SandboxPostgres;

/**
 * Broker and Postgres, each in a separate process with data in one temporary directory, and all other processes that
 * the benchmark starts. {@link #close()} ends all of them.
 */
final class BenchmarkInfrastructure implements AutoCloseable {
    private static final String BROKER_HEAP = "1g";

    private final Path directory;
    private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();
    private KafkaProcess kafka;
    private SandboxPostgres postgres;
    private Admin admin;
    private boolean closed;

    /** Creates the directory without starting anything. */
    BenchmarkInfrastructure() {
        try {
            directory = Files.createTempDirectory("nbo-benchmark-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void start() {
        kafka = start(() -> KafkaProcess.start(directory.resolve("kafka"), BROKER_HEAP, logs()));
        postgres = start(() -> SandboxPostgres.start(directory.resolve("postgres"), logs()));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        // Ctrl-C also ends the broker, and pending requests then get no answer
        start(() -> (AutoCloseable) () -> admin.close(Duration.ofSeconds(2)));
    }

    /**
     * Starts a component that {@link #close()} ends unless it has ended already. Closing waits until a start is
     * complete.
     */
    synchronized <T extends AutoCloseable> T start(Supplier<T> starting) {
        if (closed) {
            throw new IllegalStateException("the benchmark is ending");
        }
        T started = starting.get();
        running.push(started);
        return started;
    }

    /** Deregisters a component that has ended. */
    void remove(AutoCloseable ended) {
        running.remove(ended);
    }

    KafkaProcess kafka() {
        return kafka;
    }

    SandboxPostgres postgres() {
        return postgres;
    }

    Path logs() {
        return directory.resolve("logs");
    }

    /** A new directory for one run. */
    Path directory(String name) {
        return DirectoryCleaner.create(directory.resolve(name));
    }

    void createTopics(int partitions, Map<String, String> config, String... names) {
        await(admin.createTopics(
                List.of(names).stream().map(name -> new NewTopic(name, partitions, (short) 1).configs(config)).toList())
                .all());
        for (String name : names) {
            awaitServed(name);
        }
    }

    int partitions(String topic) {
        return await(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().size();
    }

    void deleteTopics(Collection<String> names) {
        await(admin.deleteTopics(names).all());
    }

    /** Deletes all topics of a run by the prefix of their names, including those created by the contestant. */
    void deleteTopicsOf(String run) {
        deleteTopics(await(admin.listTopics().names()).stream().filter(topic -> topic.startsWith(run)).toList());
    }

    /**
     * Number of records of the topic that the group has processed: the sum of its committed offsets, because input
     * topics have no gaps.
     */
    long committed(String group, String topic) {
        return committedOffsets(group, topic).values().stream().mapToLong(Long::longValue).sum();
    }

    /** Committed offsets of the group in each partition of the topic; partitions without one are absent. */
    Map<Integer, Long> committedOffsets(String group, String topic) {
        Map<Integer, Long> offsets = new HashMap<>();
        await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
                offsets.put(partition.partition(), offset.offset());
            }
        });
        return offsets;
    }

    /** Ids of all consumer groups. */
    Set<String> groups() {
        return await(admin.listGroups().all()).stream().map(GroupListing::groupId).collect(Collectors.toSet());
    }

    /** Waits until the group is stable with this number of members. */
    void awaitStable(String group, int members) {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (true) {
            ConsumerGroupDescription described = await(admin.describeConsumerGroups(List.of(group)).all()).get(group);
            if (described.groupState() == GroupState.STABLE && described.members().size() == members) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the group has not reached " + members + " members: " + described);
            }
        }
    }

    /** Ends everything, and deletes all data and logs. */
    @Override
    public void close() {
        close(false);
    }

    /** @param keepLogs whether to keep the directory of the logs */
    synchronized void close(boolean keepLogs) {
        closed = true;
        for (AutoCloseable last; (last = running.poll()) != null;) {
            try {
                last.close();
            } catch (Exception e) {
                System.err.println("closing failed: " + e);
            }
        }
        if (keepLogs) {
            DirectoryCleaner.delete(directory, logs());
        } else {
            DirectoryCleaner.delete(directory);
        }
    }

    private void awaitServed(String topic) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try {
                await(admin.describeTopics(List.of(topic)).allTopicNames());
                return;
            } catch (UnknownTopicOrPartitionException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }
}
