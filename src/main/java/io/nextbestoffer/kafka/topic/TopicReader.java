package io.nextbestoffer.kafka.topic;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed records that a topic has now, one partition after another, without a consumer group. It blocks,
 * and serves one thread at a time. It fails with a {@link KafkaException} if Kafka is unavailable for long.
 */
public final class TopicReader implements AutoCloseable {

    private static final Duration POLL_TIMEOUT = Duration.ofMillis(500);
    /** Longer than a transaction can stay open: Kafka aborts it after 10 s. */
    private static final Duration NO_PROGRESS_TIMEOUT = Duration.ofSeconds(30);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String topic;
    private final UUID topicId;
    private final TreeMap<Integer, Long> begins = new TreeMap<>();
    private final Map<Integer, Long> ends = new HashMap<>();
    private @Nullable TopicPartition reading;
    private long position;

    public TopicReader(Map<String, Object> kafka, Admin admin, String topic, String clientId, int maxRecords) {
        this.topic = topic;
        topicId = topicId(admin, topic);
        var configuration = new HashMap<>(kafka);
        configuration.remove(ConsumerConfig.GROUP_ID_CONFIG);
        configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        configuration.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxRecords);
        if (maxRecords == 1) {
            // For callers that read single records in different places
            configuration.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 64 * 1024);
        }
        configuration.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        consumer = new KafkaConsumer<>(configuration, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.beginningOffsets(partitions).forEach((one, offset) -> begins.put(one.partition(), offset));
            consumer.endOffsets(partitions).forEach((one, offset) -> ends.put(one.partition(), offset));
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private static UUID topicId(Admin admin, String topic) {
        try {
            return RecordPosition
                    .topicId(admin.describeTopics(Set.of(topic)).topicNameValues().get(topic).get().topicId());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    public UUID topicId() {
        return topicId;
    }

    public RecordPosition position(ConsumerRecord<?, ?> record) {
        return new RecordPosition(topicId, record.partition(), record.offset());
    }

    public boolean hasPartition(int partition) {
        return begins.containsKey(partition);
    }

    public int partitions() {
        return begins.size();
    }

    /** The first offset that still exists. */
    public long begin(int partition) {
        return begins.get(partition);
    }

    /** The number of offsets to read, over all partitions; some offsets may have no record. */
    public long total() {
        return begins.entrySet().stream().mapToLong(begin -> ends.get(begin.getKey()) - begin.getValue()).sum();
    }

    /** The number of offsets of {@link #total} that have been read. */
    public long done() {
        TopicPartition current = reading;
        if (current == null) {
            return 0;
        }
        return begins.headMap(current.partition()).entrySet().stream()
                .mapToLong(begin -> ends.get(begin.getKey()) - begin.getValue()).sum()
                + position - begins.get(current.partition());
    }

    /** Continues at this offset, or at the first existing one after it. */
    public void seek(int partition, long offset) {
        position = Math.max(offset, begins.get(partition));
        var next = new TopicPartition(topic, partition);
        if (!next.equals(reading)) {
            consumer.assign(Set.of(next));
            reading = next;
        }
        consumer.seek(next, position);
    }

    /**
     * Returns the next records, all of one partition and in order; null after the last record of the last partition.
     */
    public @Nullable List<ConsumerRecord<byte[], byte[]>> next() {
        long since = System.nanoTime();
        while (advance()) {
            long end = ends.get(reading.partition());
            var records = consumer.poll(POLL_TIMEOUT).records(reading).stream().filter(one -> one.offset() < end)
                    .toList();
            long before = position;
            position = Math.min(consumer.position(reading), end);
            if (!records.isEmpty()) {
                return records;
            }
            if (position != before) {
                since = System.nanoTime();
            } else if (System.nanoTime() - since > NO_PROGRESS_TIMEOUT.toNanos()) {
                throw new org.apache.kafka.common.errors.TimeoutException("no records from " + reading);
            }
        }
        return null;
    }

    /**
     * Moves to the next partition that has records, if the current one is read to its end. @return false if there is
     * none
     */
    private boolean advance() {
        Integer partition = reading == null ? firstPartition() : Integer.valueOf(reading.partition());
        while (partition != null) {
            if (reading == null || reading.partition() != partition) {
                seek(partition, begins.get(partition));
            }
            if (position < ends.get(partition)) {
                return true;
            }
            partition = begins.higherKey(partition);
        }
        return false;
    }

    private @Nullable Integer firstPartition() {
        return begins.isEmpty() ? null : begins.firstKey();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
