package io.nextbestoffer.stream;

import java.util.UUID;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records of one poll, still owned by the assignment they were polled under. */
public final class Batch {

    private final PolledRecords records;

    Batch(PolledRecords records) {
        this.records = records;
    }

    public Assignment assignment() {
        return records.assignment();
    }

    public int size() {
        return records.count();
    }

    /** Partition after partition, each in the order of its offsets. */
    public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        for (var partition : records.partitions()) {
            records.records(partition).forEach(consumer);
        }
    }

    public Position position(ConsumerRecord<?, ?> record) {
        UUID topicId = assignment().topicId(record.topic());
        return new Position(topicId, record.partition(), record.offset());
    }

    PolledRecords records() {
        return records;
    }
}
