package io.nextbestoffer.kafka.stage;

import java.nio.charset.StandardCharsets;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;

/**
 * Creates dead letters: the original key, value and headers, with the reason and the original position in headers that
 * have SmallRye's names. A record that is too large even for the dead-letter topic is replaced by its size; the
 * position then leads to the original.
 */
public final class DeadLetters {

    private static final Logger LOG = Logger.getLogger(DeadLetters.class);

    public static final String PREFIX = "dead-letter-";
    public static final String REASON = "dead-letter-reason";
    public static final String DETAIL = "dead-letter-cause";
    public static final String TOPIC = "dead-letter-topic";
    public static final String PARTITION = "dead-letter-partition";
    public static final String OFFSET = "dead-letter-offset";
    public static final String ORIGINAL_SIZE = "dead-letter-original-size";

    /**
     * A broker accepts 1 MiB with overhead by default. The limit shrinks when the broker rejects a record as too large.
     */
    private static final int INITIAL_LIMIT = 1_000_000;
    private static final int MIN_LIMIT = 1_024;
    private static final int MAX_DETAIL_LENGTH = 500;
    /** Bytes for the two lengths that a header has: of its name and of its value. */
    private static final int HEADER_FRAMING = 10;

    private final String suffix;
    private volatile int limit = INITIAL_LIMIT;

    /** @param suffix is appended to the name of an input topic to form the name of its dead-letter topic */
    public DeadLetters(String suffix) {
        this.suffix = suffix;
    }

    /**
     * Describes a failure for a dead letter. Invalid input is described by its message, which quotes no values; any
     * other failure by its class. Such a failure is a bug in this service, but it must not block the partition either.
     */
    public static String detail(RuntimeException failure) {
        return failure instanceof InvalidInputException ? failure.getMessage() : failure.getClass().getName();
    }

    /**
     * @param reason a stable code, for machines
     * @param detail a description of the problem, for people
     */
    public ProducerRecord<byte[], byte[]> create(ConsumerRecord<byte[], byte[]> record, String reason, String detail) {
        return create(record.topic(), record.partition(), record.offset(), record.key(), record.value(),
                record.headers(),
                reason, detail);
    }

    public ProducerRecord<byte[], byte[]> create(String topic, int partition, long offset, byte @Nullable [] key,
            byte @Nullable [] value, @Nullable Headers original, String reason, String detail) {
        int size = size(key) + size(value);
        int overhead = 0;
        var headers = new RecordHeaders();
        if (original != null) {
            for (Header header : original) {
                size += header.key().length() + size(header.value());
                // A character of the name has up to three bytes, and one is in the size already
                overhead += HEADER_FRAMING + header.key().length() * 2;
                headers.add(header);
            }
        }
        byte[] keptKey = key;
        byte[] keptValue = value;
        if (size + overhead > limit) {
            headers = new RecordHeaders();
            headers.add(header(ORIGINAL_SIZE, Integer.toString(size)));
            keptKey = size(key) > MIN_LIMIT ? null : key;
            keptValue = null;
        }
        headers.add(header(REASON, reason));
        headers.add(header(DETAIL, detail.substring(0, Math.min(detail.length(), MAX_DETAIL_LENGTH))));
        headers.add(header(TOPIC, topic));
        headers.add(header(PARTITION, Integer.toString(partition)));
        headers.add(header(OFFSET, Long.toString(offset)));
        return new ProducerRecord<>(topic(topic), null, null, keptKey, keptValue, headers);
    }

    public String topic(String inputTopic) {
        return inputTopic + suffix;
    }

    /** The largest record that the broker accepts, in bytes, as far as is known. */
    public int limit() {
        return limit;
    }

    /** Halves the limit after the broker has rejected a record as too large. */
    void shrink() {
        limit = Math.max(MIN_LIMIT, limit / 2);
        LOG.warnf("Kafka rejected a record as too large; records are limited to %d bytes from now on", limit);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
