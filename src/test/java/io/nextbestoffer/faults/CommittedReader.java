package io.nextbestoffer.faults;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import io.nextbestoffer.sandbox.SandboxKafka;
import io.nextbestoffer.sandbox.SandboxTopics;

/** Reads committed records continuously, like an application of the bank. */
final class CommittedReader implements AutoCloseable {

    private final RecordLedger records;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final int partitions;
    private final Thread thread = new Thread(this::run, "reader");
    private volatile RecoveryTime recovery;
    private volatile boolean closed;

    CommittedReader(RecordLedger records, SandboxKafka kafka) {
        this.records = records;
        consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level",
                "read_committed", "auto.offset.reset", "earliest"), new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = Stream
                .of(SandboxTopics.OFFERS, SandboxTopics.ACTIVITY_DEAD_LETTER, SandboxTopics.CUSTOMERS_DEAD_LETTER)
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
        partitions = all.size() / 3;
        consumer.assign(all);
        thread.start();
    }

    /** Starts measuring a recovery: the fault is over now. */
    RecoveryTime startRecovery() {
        recovery = new RecoveryTime(System.currentTimeMillis(), partitions);
        return recovery;
    }

    private void run() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    accept(record);
                }
            }
        } catch (RuntimeException e) {
            records.violation("the reader failed: %s", e);
        }
    }

    private void accept(ConsumerRecord<byte[], byte[]> record) {
        switch (record.topic()) {
            case SandboxTopics.OFFERS -> {
                RecoveryTime current = recovery;
                if (current != null) {
                    current.offer(record.partition(), record.timestamp());
                }
                records.offer(record);
            }
            case SandboxTopics.ACTIVITY_DEAD_LETTER -> records.deadLetter(record);
            default -> records.unexpected(record);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join(Duration.ofSeconds(10).toMillis());
    }
}
