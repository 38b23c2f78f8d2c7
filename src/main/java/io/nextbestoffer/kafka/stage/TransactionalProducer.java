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
 * Sends records and commits the offsets of the input they came from, all or nothing. Blocks; one thread at a time.
 * After any failure the outcome counts as unknown: {@link #reset} it, and read the committed offsets.
 */
public final class TransactionalProducer implements AutoCloseable {

    private final Map<String, Object> configuration;
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /**
     * @param transactionalId unique per replica and stage, and the same after a restart: the new one fences the old
     */
    TransactionalProducer(Map<String, Object> kafka, String transactionalId) {
        configuration = new HashMap<>(kafka);
        // Bounds how long a killed replica holds up read_committed readers
        configuration.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        configuration.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        configuration.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 9_000);
        configuration.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        configuration.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
        configuration.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        configuration.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        configuration.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    }

    /** Begins what the broker still holds open of an earlier life to abort, and gets ready. */
    public void open() {
        if (producer == null) {
            producer = new KafkaProducer<>(configuration, new ByteArraySerializer(), new ByteArraySerializer());
            producer.initTransactions();
        }
    }

    /** @param offsets may be none */
    public void commit(List<ProducerRecord<byte[], byte[]>> records, Map<TopicPartition, OffsetAndMetadata> offsets,
            ConsumerGroupMetadata group) {
        open();
        var open = producer;
        open.beginTransaction();
        for (var record : records) {
            // A failed send fails the commit, but without metadata each of them would wait for it anew
            var sent = open.send(record);
            if (sent.isDone()) {
                failNow(sent);
            }
        }
        open.sendOffsetsToTransaction(offsets, group);
        open.commitTransaction();
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
