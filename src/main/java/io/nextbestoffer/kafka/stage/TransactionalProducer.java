package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends records and commits the offsets of their input, all or nothing. It blocks, and serves one thread at a time.
 * After any failure the outcome is unknown: {@link #reset} the producer, and read the committed offsets.
 */
public final class TransactionalProducer implements AutoCloseable {

    private final Map<String, Object> configuration;
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /**
     * @param transactionalId unique per replica and stage, and the same after a restart, so that the new producer
     *     fences the old one
     */
    TransactionalProducer(Map<String, Object> kafka, String transactionalId) {
        configuration = new HashMap<>(kafka);
        // A killed replica holds up read_committed readers for this long
        configuration.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        configuration.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        configuration.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 9_000);
        configuration.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        configuration.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
        configuration.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        configuration.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        configuration.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    }

    /** Connects, and aborts the transaction that an earlier producer with the same id may have left open. */
    public void open() {
        if (producer == null) {
            producer = new KafkaProducer<>(configuration, new ByteArraySerializer(), new ByteArraySerializer());
            producer.initTransactions();
        }
    }

    /** @param offsets may be empty */
    public void commit(List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, OffsetAndMetadata> offsets,
            ConsumerGroupMetadata group) {
        open();
        var transactional = producer;
        transactional.beginTransaction();
        for (var record : records) {
            // Fails now rather than at the commit: if the topic's metadata is missing, each further send would block
            var sent = transactional.send(record);
            if (sent.isDone()) {
                failNow(sent);
            }
        }
        transactional.sendOffsetsToTransaction(offsets, group);
        transactional.commitTransaction();
    }

    private static void failNow(Future<?> sent) {
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void reset() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
            producer = null;
        }
    }
}
