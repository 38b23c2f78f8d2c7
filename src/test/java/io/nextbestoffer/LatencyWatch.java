package io.nextbestoffer;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import io.nextbestoffer.sandbox.SandboxKafka;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;

/** Measures the latency of offers, from the producer's timestamp of the activity to a reader of committed records. */
final class LatencyWatch implements AutoCloseable {

    /** @param at time at which the offer was read, in milliseconds of the Unix epoch */
    private record Seen(long at, long latency) {
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<Seen> seen = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "latency-watch");

    LatencyWatch(SandboxKafka kafka) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed",
                        "fetch.max.wait.ms", 50),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(SandboxTopics.OFFERS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        thread.start();
    }

    private void run() {
        try (consumer) {
            while (true) {
                var records = consumer.poll(Duration.ofMillis(100));
                long now = System.currentTimeMillis();
                synchronized (seen) {
                    records.forEach(record -> seen.add(new Seen(now, now - activityTime(record.value()))));
                }
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    private static long activityTime(byte[] offer) {
        return Instant.parse(TestTraffic.json(offer).get("activity_time").asText()).toEpochMilli();
    }

    int count() {
        synchronized (seen) {
            return seen.size();
        }
    }

    /** Latencies of the activities sent between two times, whenever their offers were read. */
    String between(long from, long to) {
        synchronized (seen) {
            return summary(
                    seen.stream().filter(one -> one.at() - one.latency() >= from && one.at() - one.latency() < to)
                            .mapToLong(Seen::latency).toArray());
        }
    }

    /** Latencies for each second in which activities were sent, counted from the given time. */
    String perSecond(long from) {
        var seconds = new TreeMap<Long, List<Long>>();
        synchronized (seen) {
            seen.forEach(one -> seconds.computeIfAbsent(Math.floorDiv(one.at() - one.latency() - from, 1000L),
                    any -> new ArrayList<>()).add(one.latency()));
        }
        var text = new StringBuilder();
        seconds.forEach((second, latencies) -> text.append("\n%4d s  ".formatted(second))
                .append(summary(latencies.stream().mapToLong(latency -> latency).toArray())));
        return text.toString();
    }

    private static String summary(long[] latencies) {
        if (latencies.length == 0) {
            return "none";
        }
        Arrays.sort(latencies);
        return "p50 %d ms, p99 %d ms, max %d ms (%d)".formatted(latencies[latencies.length / 2],
                latencies[(int) (latencies.length * 0.99)], latencies[latencies.length - 1], latencies.length);
    }

    @Override
    public void close() throws IOException {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
