package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Checks the output: exactly one offer for each activity, in order for each customer, and according to the rules.
 */
final class OutputCheck {

    /** The output is wrong; the message describes how. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    private final ExpectedOffers answers;
    private final BitSet seen = new BitSet();
    private final int[] lastOfCustomer;
    private long repeated;
    private long disordered;
    private long wrong;

    /** @param customers number of customers */
    OutputCheck(int customers, ExpectedOffers answers) {
        this.answers = answers;
        this.lastOfCustomer = new int[customers + 1];
        Arrays.fill(lastOfCustomer, -1);
    }

    /**
     * Reads the committed records of the whole topic.
     *
     * @throws Failed if an offer is missing, duplicated, out of order or wrong
     */
    static void read(BenchmarkInfrastructure infrastructure, int customers, ExpectedOffers answers, String topic) {
        OutputCheck check = new OutputCheck(customers, answers);
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(),
                        "isolation.level", "read_committed", "enable.auto.commit", false, "max.poll.records", 10_000,
                        "max.partition.fetch.bytes", 8_388_608),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    check.take(record.value());
                }
            }
        }
        check.conclude();
    }

    /** Checks one offer. To be called with each record, in the order of its partition. */
    void take(byte[] offer) {
        if (offer == null) {
            wrong++;
            return;
        }
        OfferFields fields;
        try {
            fields = OfferFields.read(offer);
        } catch (IOException e) {
            wrong++;
            return;
        }
        int activity = fields.activity();
        int customer = fields.customer();
        if (activity < 0 || activity >= answers.count() || customer != answers.customer(activity)
                || fields.offer() != answers.offer(activity)) {
            wrong++;
            return;
        }
        if (seen.get(activity)) {
            repeated++;
            return;
        }
        seen.set(activity);
        if (activity < lastOfCustomer[customer]) {
            disordered++;
        }
        lastOfCustomer[customer] = activity;
    }

    /** @throws Failed if an offer is missing, duplicated, out of order or wrong */
    void conclude() {
        int missing = answers.count() - seen.cardinality();
        if (missing > 0 || repeated > 0 || disordered > 0 || wrong > 0) {
            throw new Failed("of " + answers.count() + " activities " + missing + " are missing, " + repeated
                    + " are duplicated, " + disordered + " out of order, " + wrong + " with a wrong offer");
        }
    }
}
