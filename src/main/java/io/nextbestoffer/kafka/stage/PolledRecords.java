package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of one poll, which know the assignment they were polled under.
 * <p>
 * To the connector they show only the last record of each partition: it would make a message of every record, with
 * headers and metadata that no stage reads, for more than the decision costs. The stage takes them by
 * {@link #forEachPolled}.
 */
final class PolledRecords extends ConsumerRecords<byte[], byte[]> {

    private final ConsumerRecords<byte[], byte[]> polled;
    private final Assignment assignment;
    private final int size;
    private final long bytes;

    private PolledRecords(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> shown,
            ConsumerRecords<byte[], byte[]> polled, Assignment assignment) {
        super(shown, polled.nextOffsets());
        this.polled = polled;
        this.assignment = assignment;
        size = polled.count();
        long sum = 0;
        for (var record : polled) {
            sum += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        }
        bytes = sum;
    }

    static PolledRecords of(ConsumerRecords<byte[], byte[]> polled, Assignment assignment) {
        var shown = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
        for (TopicPartition partition : polled.partitions()) {
            var records = polled.records(partition);
            shown.put(partition, List.of(records.get(records.size() - 1)));
        }
        return new PolledRecords(shown, polled, assignment);
    }

    Assignment assignment() {
        return assignment;
    }

    /** How many were polled. */
    int size() {
        return size;
    }

    /** Of their keys and values. */
    long bytes() {
        return bytes;
    }

    /** Partition after partition, each in the order of its offsets. */
    void forEachPolled(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        for (var partition : polled.partitions()) {
            polled.records(partition).forEach(consumer);
        }
    }
}
