package io.nextbestoffer.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.kafka.topic.RecordPosition;

/** Sends records to topics and reads records from them, for tests. */
public final class TestTraffic implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final SandboxKafka kafka;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<String, Reader> readers = new ConcurrentHashMap<>();
    private final Map<String, UUID> topicIds = new ConcurrentHashMap<>();

    public TestTraffic(SandboxKafka kafka) {
        this.kafka = kafka;
        producer = new KafkaProducer<>(
                kafka.client(Map.of("acks", "all", "max.request.size", 2_000_000, "linger.ms", 2)),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends a record, and returns its position once Kafka has acknowledged it. */
    public RecordPosition send(String topic, byte[] key, byte[] value) {
        try {
            return position(sendAsync(topic, key, value).get());
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public RecordPosition send(String topic, String key, String value) {
        return send(topic, utf8(key), utf8(value));
    }

    /** Sends a record with one header. */
    public RecordPosition send(String topic, String key, String value, String header, String content) {
        var record = new ProducerRecord<>(topic, utf8(key), utf8(value));
        record.headers().add(header, utf8(content));
        try {
            return position(producer.send(record).get());
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a record without a key. */
    public RecordPosition sendTo(String topic, int partition, String value) {
        try {
            return position(producer.send(new ProducerRecord<>(topic, partition, null, utf8(value))).get());
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    public Future<RecordMetadata> sendAsync(String topic, byte[] key, byte[] value) {
        return producer.send(new ProducerRecord<>(topic, key, value));
    }

    public RecordPosition activity(long customer, long activity, String type, double propensity) {
        return send(SandboxTopics.ACTIVITY, Long.toString(customer),
                """
                        {"activity_id":%d,"customer_id":%d,"ip_address":"198.18.0.1",\
                        "activity_type":"%s","propensity_to_buy":%s}"""
                        .formatted(activity, customer, type, propensity));
    }

    public RecordPosition position(RecordMetadata metadata) {
        return new RecordPosition(topicIds.computeIfAbsent(metadata.topic(), kafka::topicId), metadata.partition(),
                metadata.offset());
    }

    /** Waits for the offer decided for this input; fails if there are two. */
    public JsonNode awaitOffer(RecordPosition input) {
        return awaitOfferIn(SandboxTopics.OFFERS, input);
    }

    /** Waits for an offer on another output topic. */
    public JsonNode awaitOfferIn(String topic, RecordPosition input) {
        return Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(100))
                .until(() -> findOffer(topic, input), Optional::isPresent).orElseThrow();
    }

    /** The offer decided for this input, if it is committed already. */
    public Optional<JsonNode> findOffer(RecordPosition input) {
        return findOffer(SandboxTopics.OFFERS, input);
    }

    private Optional<JsonNode> findOffer(String topic, RecordPosition input) {
        String id = input.decisionId().toString();
        List<JsonNode> found = offers(topic).stream().filter(offer -> offer.get("decision_id").asText().equals(id))
                .toList();
        assertThat(found).as("offers for one input").hasSizeLessThan(2);
        return found.stream().findFirst();
    }

    public List<JsonNode> offers() {
        return offers(SandboxTopics.OFFERS);
    }

    private List<JsonNode> offers(String topic) {
        Reader reader = readers.computeIfAbsent(topic, Reader::new);
        synchronized (reader) {
            return reader.readJsonToEnd();
        }
    }

    /** Waits for the dead letter of this input; fails if there are two. */
    public ConsumerRecord<byte[], byte[]> awaitDeadLetter(String inputTopic, RecordPosition input) {
        return Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(100))
                .until(() -> findDeadLetter(inputTopic, input), Optional::isPresent).orElseThrow();
    }

    public Optional<ConsumerRecord<byte[], byte[]>> findDeadLetter(String inputTopic, RecordPosition input) {
        List<ConsumerRecord<byte[], byte[]>> found = committed(inputTopic + "-dead-letter").stream()
                .filter(letter -> header(letter, "dead-letter-topic").equals(inputTopic)
                        && header(letter, "dead-letter-partition").equals(Integer.toString(input.partition()))
                        && header(letter, "dead-letter-offset").equals(Long.toString(input.offset())))
                .toList();
        assertThat(found).as("dead letters for one input").hasSizeLessThan(2);
        return found.stream().findFirst();
    }

    /** All records of a topic committed so far; those of one partition are in order. */
    public List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
        Reader reader = readers.computeIfAbsent(topic, Reader::new);
        synchronized (reader) {
            return reader.readToEnd();
        }
    }

    /** Keeps the records that it has read, because tests poll often. */
    private final class Reader {

        private final KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.client(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest")),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        private final List<TopicPartition> partitions;
        private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        private final List<JsonNode> json = new ArrayList<>();

        Reader(String topic) {
            partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        List<ConsumerRecord<byte[], byte[]>> readToEnd() {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return List.copyOf(records);
        }

        List<JsonNode> readJsonToEnd() {
            readToEnd().stream().skip(json.size()).forEach(record -> json.add(TestTraffic.json(record.value())));
            return List.copyOf(json);
        }
    }

    public static String header(ConsumerRecord<?, ?> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    public static JsonNode json(byte[] value) {
        try {
            return JSON.readTree(value);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        readers.values().forEach(reader -> reader.consumer.close());
        producer.close();
    }
}
