package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Whether the groups that build views from a topic have read what it contained at the first check.
 * <p>
 * A group's lag does not show this: the markers that end transactions occupy offsets too, and no group commits past the
 * last of them.
 */
final class ViewLag {
    // More than the markers after the last record: one of each producer
    private static final long TAIL = 20;

    private final BenchmarkInfrastructure infrastructure;
    private final String topic;
    private final Set<String> groups;
    private Map<Integer, Long> ends;

    /** @param groups groups that read the topic; those that don't exist have nothing to do with this configuration */
    ViewLag(BenchmarkInfrastructure infrastructure, String topic, Set<String> groups) {
        this.infrastructure = infrastructure;
        this.topic = topic;
        this.groups = groups;
    }

    boolean isZero() {
        if (ends == null) {
            ends = ends();
        }
        return infrastructure.groups().stream().filter(groups::contains).allMatch(this::hasReadAll);
    }

    private boolean hasReadAll(String group) {
        Map<Integer, Long> committed = infrastructure.committedOffsets(group, topic);
        return ends.entrySet().stream().allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    /** The offset after the last record of each partition that has one. */
    private Map<Integer, Long> ends() {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(),
                        "isolation.level", "read_committed", "enable.auto.commit", false),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Map<Integer, Long> found = new HashMap<>();
            for (int partition = 0; partition < infrastructure.partitions(topic); partition++) {
                long end = end(consumer, new TopicPartition(topic, partition));
                if (end > 0) {
                    found.put(partition, end);
                }
            }
            return found;
        }
    }

    private static long end(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        consumer.assign(List.of(partition));
        long limit = consumer.endOffsets(List.of(partition)).get(partition);
        long end = 0;
        for (long tail = TAIL, begin = limit; end == 0 && begin > 0; tail *= 10) {
            begin = Math.max(0, limit - tail);
            consumer.seek(partition, begin);
            while (consumer.position(partition) < limit) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    end = record.offset() + 1;
                }
            }
        }
        return end;
    }
}
