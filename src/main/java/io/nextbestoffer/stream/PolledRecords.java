package io.nextbestoffer.stream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/** The records of one poll, which know the assignment they were polled under. */
final class PolledRecords extends ConsumerRecords<byte[], byte[]> {

    private final Assignment assignment;

    private PolledRecords(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records,
            ConsumerRecords<byte[], byte[]> polled, Assignment assignment) {
        super(records, polled.nextOffsets());
        this.assignment = assignment;
    }

    static PolledRecords of(ConsumerRecords<byte[], byte[]> polled, Assignment assignment) {
        var records = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
        for (TopicPartition partition : polled.partitions()) {
            records.put(partition, polled.records(partition));
        }
        return new PolledRecords(records, polled, assignment);
    }

    Assignment assignment() {
        return assignment;
    }
}
