package io.nextbestoffer.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Prints offers and dead letters once they are committed, with ids and the decision but no other data of a customer.
 */
final class OutputWatch implements AutoCloseable {
    private static final List<String> TOPICS = List.of(SandboxTopics.OFFERS, SandboxTopics.ACTIVITY_DEAD_LETTER,
            SandboxTopics.CUSTOMERS_DEAD_LETTER);

    private final ObjectMapper json = new ObjectMapper();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final SandboxAvro avro;
    private final SandboxConsole console;
    private final RecordBalance balance;
    private final Function<String, UUID> topicIds;
    private final Consumer<Exception> onFailure;
    private final Thread thread = new Thread(this::run, "sandbox-watch");
    private volatile boolean stopping;

    /** @param avro null if offers are in JSON */
    OutputWatch(SandboxKafka kafka, SandboxAvro avro, SandboxConsole console, RecordBalance balance,
            Function<String, UUID> topicIds,
            Consumer<Exception> onFailure) {
        this.consumer = new KafkaConsumer<>(
                kafka.client(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest",
                        "enable.auto.commit", false, "fetch.max.wait.ms", 100)),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.avro = avro;
        this.console = console;
        this.balance = balance;
        this.topicIds = topicIds;
        this.onFailure = onFailure;
        thread.setDaemon(true);
    }

    void start() {
        List<TopicPartition> partitions = TOPICS.stream().flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        thread.start();
    }

    @Override
    public void close() {
        stopping = true;
        consumer.wakeup();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    private void run() {
        try {
            while (!stopping) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.topic().equals(SandboxTopics.OFFERS)) {
                        offer(record);
                    } else {
                        deadLetter(record);
                    }
                }
            }
        } catch (WakeupException e) {
            // close()
        } catch (RuntimeException e) {
            if (!stopping) {
                onFailure.accept(e);
            }
        }
    }

    private void offer(ConsumerRecord<byte[], byte[]> record) {
        Instant received = Instant.now();
        JsonNode offer;
        try {
            offer = avro == null ? json.readTree(record.value()) : avro.offer(record.value());
            balance.offer(UUID.fromString(offer.path("decision_id").asText()));
        } catch (IOException | IllegalArgumentException e) {
            // Not counted, so its activity shows up as missing.
            console.line("unreadable  %s-%d@%d is not an offer", record.topic(), record.partition(), record.offset());
            return;
        }
        console.line("offer   activity %s  customer %s (%s, p=%s)  →  %s %s   rule %s%s", text(offer, "activity_id"),
                text(offer, "customer_id"), text(offer, "activity_type"),
                text(offer, offer.has("propensity_to_churn") ? "propensity_to_churn" : "propensity_to_buy"),
                text(offer, "offer_id"), text(offer, "offer_name"), text(offer, "rule"),
                latency(offer.path("activity_time").asText(), received));
    }

    private void deadLetter(ConsumerRecord<byte[], byte[]> record) {
        String topic = header(record, "dead-letter-topic");
        String partition = header(record, "dead-letter-partition");
        String offset = header(record, "dead-letter-offset");
        console.line("dead    %s-%s@%s  reason %s", topic, partition, offset, header(record, "dead-letter-reason"));
        try {
            balance.deadLetter(
                    new InputPosition(topicIds.apply(topic), Integer.parseInt(partition), Long.parseLong(offset)));
        } catch (IllegalArgumentException e) {
            console.line("unreadable  %s-%d@%d lacks the position of its input record", record.topic(),
                    record.partition(),
                    record.offset());
        }
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("?");
    }

    private static String latency(String since, Instant received) {
        try {
            return "  in " + Duration.between(Instant.parse(since), received).toMillis() + " ms";
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "?" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
