package io.nextbestoffer.maintenance;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.avro.WireFormat;
import io.nextbestoffer.kafka.stage.DeadLetters;

/** A record of a dead-letter topic. */
record DeadLetter(ConsumerRecord<byte[], byte[]> record) {

    /** Header of a replayed record: topic/partition/offset of its dead letter. */
    static final String REPLAYED_FROM = "replayed-from";

    private static final int MAX_LENGTH = 500;

    private @Nullable String header(String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : shortened(decoded(header.value()));
    }

    private static String shortened(String text) {
        return text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
    }

    private static String decoded(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Nullable
    String reason() {
        return header(DeadLetters.REASON);
    }

    @Nullable
    String cause() {
        return header(DeadLetters.DETAIL);
    }

    @Nullable
    Long inputPartition() {
        return number(header(DeadLetters.PARTITION));
    }

    @Nullable
    Long inputOffset() {
        return number(header(DeadLetters.OFFSET));
    }

    private static @Nullable Long number(@Nullable String text) {
        try {
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            // Another producer wrote to the topic
            return null;
        }
    }

    Instant time() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    int bytes() {
        return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    /** Whether the letter holds the whole record. It does not if its customer was erased, or if it was too large. */
    boolean hasContent() {
        // A record with a value was not too large: its producer wrote this header
        return (record.value() != null || record.headers().lastHeader(DeadLetters.ORIGINAL_SIZE) == null)
                && !"customer-erased".equals(reason());
    }

    /**
     * Returns the bytes as text or, if they are not UTF-8, as Base64 after {@code base64:}. Avro always becomes Base64,
     * because it can be valid UTF-8 by chance.
     */
    static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        if (!WireFormat.matches(bytes)) {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException e) {
                // Not text
            }
        }
        return "base64:" + Base64.getEncoder().encodeToString(bytes);
    }

    Map<String, @Nullable String> headers() {
        var headers = new LinkedHashMap<String, @Nullable String>();
        record.headers().forEach(header -> headers.put(header.key(), text(header.value())));
        return headers;
    }

    /**
     * Returns the record as it was received, without its timestamp. It is sent to its original partition if that is
     * known, because its producer may use another partitioner than this service.
     *
     * @param partitions number of partitions of the input topic
     */
    ProducerRecord<byte[], byte[]> toInputRecord(String inputTopic, int partitions) {
        var headers = new RecordHeaders();
        for (Header header : record.headers()) {
            if (!header.key().startsWith(DeadLetters.PREFIX) && !header.key().equals(REPLAYED_FROM)) {
                headers.add(header);
            }
        }
        headers.add(REPLAYED_FROM, (record.topic() + "/" + record.partition() + "/" + record.offset())
                .getBytes(StandardCharsets.UTF_8));
        Long partition = inputTopic.equals(header(DeadLetters.TOPIC)) ? inputPartition() : null;
        return new ProducerRecord<>(inputTopic,
                partition != null && partition >= 0 && partition < partitions ? partition.intValue() : null,
                record.key(), record.value(), headers);
    }
}
