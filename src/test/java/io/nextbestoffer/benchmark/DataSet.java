package io.nextbestoffer.benchmark;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Input that is in Kafka already: all runs on it read the same records.
 *
 * @param offers what must be offered for each activity, by its id
 */
record DataSet(Bank bank, int partitions, String activitiesTopic, String customersTopic, byte[] offers) {

    /** What a bank's customers topic is: kept for ever. */
    private static final Map<String, String> KEPT = Map.of("retention.ms", "-1");
    private static final long HOUR = 3_600_000;

    /** Creates the topics, with those for dead letters, and fills them. */
    static DataSet load(Infrastructure infrastructure, int customers, int partitions, int activities) {
        String suffix = "-" + customers + "-" + partitions;
        Bank bank = new Bank(customers);
        DataSet data = new DataSet(bank, partitions, "activities" + suffix, "customers" + suffix,
                new byte[activities]);
        infrastructure.createTopics(partitions, KEPT, data.activitiesTopic, data.customersTopic);
        infrastructure.createTopics(partitions, Map.of(), data.activitiesTopic + "-dead-letter",
                data.customersTopic + "-dead-letter");
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (var producer = fastProducer(infrastructure)) {
            long now = System.currentTimeMillis();
            for (int customer = 1; customer <= customers; customer++) {
                // Before any activity, also by the clock: Kafka Streams goes by it.
                producer.send(new ProducerRecord<>(data.customersTopic, null, now - HOUR, Bank.key(customer),
                        bank.change(customer, now - HOUR)), (sent, e) -> failure.compareAndSet(null, e));
            }
            Bank.Activities source = bank.activities();
            for (int i = 0; i < activities; i++) {
                Bank.Activity activity = source.next();
                data.offers[i] = (byte) activity.offer();
                producer.send(new ProducerRecord<>(data.activitiesTopic, activity.key(), activity.json()),
                        (sent, e) -> failure.compareAndSet(null, e));
            }
        }
        if (failure.get() != null) {
            throw new IllegalStateException("could not load the data", failure.get());
        }
        return data;
    }

    /** For much at once. */
    static KafkaProducer<byte[], byte[]> fastProducer(Infrastructure infrastructure) {
        return new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "acks", "all",
                        "enable.idempotence", true, "linger.ms", 20, "batch.size", 262_144, "buffer.memory",
                        67_108_864),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    int activities() {
        return offers.length;
    }
}
