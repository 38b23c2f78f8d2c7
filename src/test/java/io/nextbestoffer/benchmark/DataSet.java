package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Input that is loaded into Kafka once, so that all runs read the same records.
 *
 * @param answers expected offers for the activities
 */
record DataSet(GeneratedBank bank, int partitions, String activitiesTopic, String customersTopic,
        ExpectedOffers answers) {

    /** Unlimited retention, as for a bank's customers topic. */
    private static final Map<String, String> KEPT = Map.of("retention.ms", "-1");
    private static final long HOUR = 3_600_000;

    /** Creates the topics, including those for dead letters, and fills them. */
    static DataSet load(BenchmarkInfrastructure infrastructure, String name, int customers, int partitions,
            int activities) {
        BenchmarkConsole.progress("loading %,d customers and %,d activities into %d partitions", customers, activities,
                partitions);
        String suffix = name + "-" + customers + "-" + partitions;
        GeneratedBank bank = new GeneratedBank(customers);
        GeneratedBank.Activities source = bank.activities(activities);
        DataSet data = new DataSet(bank, partitions, "activities-" + suffix, "customers-" + suffix,
                source.answers());
        infrastructure.createTopics(partitions, KEPT, data.activitiesTopic, data.customersTopic);
        infrastructure.createTopics(partitions, Map.of(), data.activitiesTopic + "-dead-letter",
                data.customersTopic + "-dead-letter");
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (var producer = fastProducer(infrastructure)) {
            long now = System.currentTimeMillis();
            for (int customer = 1; customer <= customers; customer++) {
                // Timestamps before those of any activity: Kafka Streams orders by them.
                producer.send(new ProducerRecord<>(data.customersTopic, null, now - HOUR, GeneratedBank.key(customer),
                        bank.change(customer, now - HOUR)), (sent, e) -> failure.compareAndSet(null, e));
            }
        }
        throwIfFailed(failure);
        send(infrastructure, data.activitiesTopic, activities, source::next);
        return data;
    }

    /** Sends this number of activities as fast as possible. */
    static void send(BenchmarkInfrastructure infrastructure, String topic, int count,
            Supplier<GeneratedBank.Activity> source) {
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (var producer = fastProducer(infrastructure)) {
            for (int i = 0; i < count; i++) {
                GeneratedBank.Activity activity = source.get();
                producer.send(new ProducerRecord<>(topic, activity.key(), activity.json()),
                        (sent, e) -> failure.compareAndSet(null, e));
            }
        }
        throwIfFailed(failure);
    }

    /** Deletes the topics: they can be large. */
    void delete(BenchmarkInfrastructure infrastructure) {
        infrastructure.deleteTopics(List.of(activitiesTopic, customersTopic, activitiesTopic + "-dead-letter",
                customersTopic + "-dead-letter"));
    }

    private static void throwIfFailed(AtomicReference<Exception> failure) {
        if (failure.get() != null) {
            throw new IllegalStateException("could not load the data", failure.get());
        }
    }

    private static KafkaProducer<byte[], byte[]> fastProducer(BenchmarkInfrastructure infrastructure) {
        return new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "acks", "all",
                        "enable.idempotence", true,
                        // On a new topic, a retry of the first request while others are in flight would break the order
                        // permanently
                        "max.in.flight.requests.per.connection", 1, "linger.ms", 20, "batch.size", 262_144,
                        "buffer.memory",
                        67_108_864),
                new ByteArraySerializer(), new ByteArraySerializer());
    }
}
