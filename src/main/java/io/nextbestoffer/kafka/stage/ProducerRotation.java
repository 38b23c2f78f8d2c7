package io.nextbestoffer.kafka.stage;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Transactional producers that take turns. The broker writes the markers of a transaction after it has answered the
 * commit, and makes the same producer wait for them, 20 ms or more, before its next transaction. Transactions still
 * begin and end one after another, so their records keep their order. The rotation blocks, and serves one thread at a
 * time.
 */
final class ProducerRotation implements AutoCloseable {

    private static final int COUNT = 3;

    private final List<TransactionalProducer> producers;
    private int next;

    /** @param transactionalIdPrefix unique per replica and stage, and the same after a restart */
    ProducerRotation(Map<String, Object> kafka, String transactionalIdPrefix) {
        producers = IntStream.range(0, COUNT)
                .mapToObj(number -> new TransactionalProducer(kafka, transactionalIdPrefix + "-" + number)).toList();
    }

    /** Connects all producers, and aborts the transactions that earlier ones may have left open. */
    void open() {
        producers.forEach(TransactionalProducer::open);
    }

    void commit(List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, OffsetAndMetadata> offsets,
            ConsumerGroupMetadata group) {
        producers.get(next).commit(records, offsets, group);
        next = (next + 1) % COUNT;
    }

    void reset() {
        producers.forEach(TransactionalProducer::reset);
    }

    @Override
    public void close() {
        producers.forEach(TransactionalProducer::close);
    }
}
