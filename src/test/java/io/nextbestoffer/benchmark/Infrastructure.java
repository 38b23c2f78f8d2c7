package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import io.nextbestoffer.sandbox.Directories;
import io.nextbestoffer.sandbox.KafkaProcess;
import io.nextbestoffer.sandbox.SandboxPostgres;

/**
 * Broker and Postgres, each its own process, in one temporary directory, and whatever else runs while the benchmark
 * does: {@link #close()} ends it all.
 */
final class Infrastructure implements AutoCloseable {
    private static final String BROKER_HEAP = "1g";

    private final Path directory;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final KafkaProcess kafka;
    private final SandboxPostgres postgres;
    private final Admin admin;
    private boolean closed;

    Infrastructure() {
        try {
            directory = Files.createTempDirectory("nbo-benchmark-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            kafka = add(KafkaProcess.start(directory.resolve("kafka"), BROKER_HEAP, logs()));
            postgres = add(SandboxPostgres.start(directory.resolve("postgres"), logs()));
            admin = add(Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers())));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
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
        return Directories.create(directory.resolve(name));
    }

    /** What must end when this ends, if it has not by then. */
    synchronized <T extends AutoCloseable> T add(T started) {
        running.push(started);
        if (closed) {
            close();
            throw new IllegalStateException("the benchmark is ending");
        }
        return started;
    }

    synchronized void remove(AutoCloseable ended) {
        running.remove(ended);
    }

    void createTopics(int partitions, Map<String, String> config, String... names) {
        await(admin.createTopics(
                List.of(names).stream().map(name -> new NewTopic(name, partitions, (short) 1).configs(config)).toList())
                .all());
        for (String name : names) {
            awaitServed(name);
        }
    }

    void deleteTopics(Collection<String> names) {
        await(admin.deleteTopics(names).all());
    }

    Collection<String> topics() {
        return await(admin.listTopics().names());
    }

    /** How many records of the topic the group has committed; exact, as input topics have no gaps. */
    long committed(String group, String topic) {
        Map<?, OffsetAndMetadata> offsets = await(
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().thenApply(all -> {
                    all.keySet().removeIf(partition -> !partition.topic().equals(topic));
                    return all;
                }));
        return offsets.values().stream().mapToLong(offset -> offset == null ? 0 : offset.offset()).sum();
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                System.err.println("while ending: " + e);
            }
        }
        Directories.delete(directory);
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

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("no answer from Kafka for 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }
}
