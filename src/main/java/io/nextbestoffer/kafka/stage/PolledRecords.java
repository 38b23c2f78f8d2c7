package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The records of one poll, with the assignment under which they were polled.
 * <p>
 * The connector sees only the last record of each partition. Otherwise it would create a message for every record, with
 * headers and metadata that no stage reads, which costs more than the decision. The stage reads all records with
 * {@link #forEachPolled}.
 */
final class PolledRecords extends ConsumerRecords<byte[], byte[]> {

    private final ConsumerRecords<byte[], byte[]> polled;
    private final Assignment assignment;
    private final int size;
    private final long bytes;

    private PolledRecords(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> visible,
            ConsumerRecords<byte[], byte[]> polled, Assignment assignment) {
        super(visible, polled.nextOffsets());
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
        var visible = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
        for (TopicPartition partition : polled.partitions()) {
            var records = polled.records(partition);
            visible.put(partition, List.of(records.get(records.size() - 1)));
        }
        return new PolledRecords(visible, polled, assignment);
    }

    Assignment assignment() {
        return assignment;
    }

    /** The number of records polled. */
    int size() {
        return size;
    }

    /** The size of their keys and values. */
    long bytes() {
        return bytes;
    }

    /** Visits all records, partition after partition, each in the order of its offsets. */
    void forEachPolled(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        for (var partition : polled.partitions()) {
            polled.records(partition).forEach(consumer);
        }
    }
}
