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

    /** Says of a record that it was sent again, and which dead letter it was. */
    static final String REPLAYED_FROM = "replayed-from";

    private static final int MOST = 500;

    private @Nullable String header(String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : shortened(lenient(header.value()));
    }

    private static String shortened(String text) {
        return text.length() > MOST ? text.substring(0, MOST) : text;
    }

    private static String lenient(byte[] bytes) {
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
            // Somebody else wrote to the topic
            return null;
        }
    }

    Instant time() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    int bytes() {
        return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    /** Whether what came is all there: not that of an erased customer, nor what was too large. */
    boolean hasContent() {
        // A producer may have sent such a header himself: what was too large has no value any more
        return (record.value() != null || record.headers().lastHeader(DeadLetters.ORIGINAL_SIZE) == null)
                && !"customer-erased".equals(reason());
    }

    /** Text, or Base64 after {@code base64:} if it is none. Avro may be UTF-8 by chance. */
    static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        if (!WireFormat.matches(bytes)) {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            } catch (CharacterCodingException e) {
                // No text
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
     * The record as it came, but now.
     *
     * @param partitions of the input topic: the record goes to its partition of then, as far as that is known, for
     *     another producer may have chosen it otherwise than ours would
     */
    ProducerRecord<byte[], byte[]> again(String inputTopic, int partitions) {
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
