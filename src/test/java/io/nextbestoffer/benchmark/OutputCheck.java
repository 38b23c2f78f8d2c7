package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

/**
 * Whether what came out is right: each activity once, in order for each customer, and the offer that the rules say.
 */
final class OutputCheck {

    /** The output is wrong; the message says how. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    private final JsonFactory json = new JsonFactory();
    private final DataSet data;
    private final BitSet seen = new BitSet();
    private final long[] lastOfCustomer;
    private final long[] histogram = new long[Bank.OFFERS + 1];
    private long duplicates;
    private long disordered;
    private long unexpected;

    private OutputCheck(DataSet data) {
        this.data = data;
        this.lastOfCustomer = new long[data.bank().customers() + 1];
        Arrays.fill(lastOfCustomer, -1);
    }

    /**
     * Reads the whole topic as a reader of committed records does.
     *
     * @return how often each offer was made, by its number
     * @throws Failed if anything is missing, there twice, out of order or another offer
     */
    static long[] read(Infrastructure infrastructure, DataSet data, String topic) {
        OutputCheck check = new OutputCheck(data);
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        check.conclude();
        return check.histogram;
    }

    private void take(byte[] offer) throws IOException {
        long activity = -1;
        int customer = -1;
        int chosen = -1;
        try (JsonParser parser = json.createParser(offer)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "activity_id" -> activity = parser.getLongValue();
                    case "customer_id" -> customer = parser.getIntValue();
                    case "offer_id" -> chosen = parser.getIntValue();
                    default -> parser.skipChildren();
                }
            }
        }
        if (activity < 0 || activity >= data.activities() || chosen != data.offers()[(int) activity]) {
            unexpected++;
            return;
        }
        if (seen.get((int) activity)) {
            duplicates++;
        }
        seen.set((int) activity);
        if (activity <= lastOfCustomer[customer]) {
            disordered++;
        }
        lastOfCustomer[customer] = activity;
        histogram[chosen]++;
    }

    private void conclude() {
        int missing = data.activities() - seen.cardinality();
        if (missing > 0 || duplicates > 0 || disordered > 0 || unexpected > 0) {
            throw new Failed("of " + data.activities() + " activities " + missing + " are missing, " + duplicates
                    + " came out again, " + disordered + " out of order, " + unexpected + " with a wrong offer");
        }
    }
}
