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
 * Makes the dead letter of a record: original key, value and headers, with the reason and the position in headers
 * named as SmallRye names them. What is too large even for there is replaced by its size; the position tells where
 * the original is.
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

    /** A broker takes 1 MiB with overhead unless told otherwise; what does not fit shrinks the limit. */
    private static final int START_LIMIT = 1_000_000;
    private static final int LEAST_LIMIT = 1_024;
    private static final int FRAMING = 10;

    private final String suffix;
    private volatile int limit = START_LIMIT;

    /** @param suffix makes the dead-letter topic's name from the input topic's */
    public DeadLetters(String suffix) {
        this.suffix = suffix;
    }

    /**
     * What a dead letter may say of a failure: the message of invalid input, which quotes no values; of a mistake of
     * ours, which must not stop the partition either, only its kind.
     */
    public static String detail(RuntimeException failure) {
        return failure instanceof InvalidInputException ? failure.getMessage() : failure.getClass().getName();
    }

    /** @param reason a stable code, for machines; @param detail what was wrong, for people */
    public ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record, String reason, String detail) {
        return of(record.topic(), record.partition(), record.offset(), record.key(), record.value(), record.headers(),
                reason, detail);
    }

    public ProducerRecord<byte[], byte[]> of(String topic, int partition, long offset, byte @Nullable [] key,
            byte @Nullable [] value, @Nullable Headers original, String reason, String detail) {
        int size = size(key) + size(value);
        int overhead = 0;
        var headers = new RecordHeaders();
        if (original != null) {
            for (Header header : original) {
                size += header.key().length() + size(header.value());
                // Each has its lengths before it, and a letter of its name can have three bytes
                overhead += FRAMING + header.key().length() * 2;
                headers.add(header);
            }
        }
        byte[] keptKey = key;
        byte[] keptValue = value;
        if (size + overhead > limit) {
            headers = new RecordHeaders();
            headers.add(header(ORIGINAL_SIZE, Integer.toString(size)));
            keptKey = size(key) > LEAST_LIMIT ? null : key;
            keptValue = null;
        }
        headers.add(header(REASON, reason));
        headers.add(header(DETAIL, detail.length() > 500 ? detail.substring(0, 500) : detail));
        headers.add(header(TOPIC, topic));
        headers.add(header(PARTITION, Integer.toString(partition)));
        headers.add(header(OFFSET, Long.toString(offset)));
        return new ProducerRecord<>(topic(topic), null, null, keptKey, keptValue, headers);
    }

    public String topic(String inputTopic) {
        return inputTopic + suffix;
    }

    /** The most bytes a record may have, as far as is known. */
    public int limit() {
        return limit;
    }

    /** The broker refused a record for its size: less from now on. */
    void shrink() {
        limit = Math.max(LEAST_LIMIT, limit / 2);
        LOG.warnf("Kafka refused a record for its size; records have at most %d bytes from now on", limit);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
