package io.nextbestoffer.history;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.ByteUtils;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.topic.RecordPosition;

/**
 * The index of a record of the decision log: a header that contains, in binary form, what readers need of each line.
 * So they find a line, its customer and its position without parsing JSON, which would cost more than deciding.
 * <p>
 * Layout of version 1, with numbers as in Kafka's records (big-endian, or variable-length where marked with v): version
 * (1 byte), id of the topic of activities (16), time of the decisions in milliseconds of the Unix epoch (8); then for
 * each line: partition (v) and offset (v) of the activity, its record time relative to the time of the decision (v),
 * decision id (16), customer id, offer id and strategy (each a length (v) and UTF-8), strategy version (v), length of
 * the decision's JSON (v), length of the inputs' JSON (v, -1 if there are none).
 */
public final class LineIndex {

    /** Name of the header. */
    static final String HEADER = "nbo-index";

    /** Tolerance for differing clocks. A day in the far future would create a partition that is never dropped. */
    public static final Duration MAX_CLOCK_SKEW = Duration.ofHours(1);

    private static final byte VERSION = 1;
    /** Bytes of the part before the entries. */
    private static final int HEAD_BYTES = 25;
    /** Upper bound for an entry without its texts: seven integers and two longs of variable length, and an id. */
    private static final int MAX_FIXED_BYTES = 80;

    static final byte[] DECISION = JsonReader.utf8("{\"decision\":");
    static final byte[] INPUTS = JsonReader.utf8(",\"inputs\":");
    static final byte[] END = JsonReader.utf8("}\n");

    private LineIndex() {
    }

    /** A part of a byte array. */
    public record Slice(byte[] bytes, int begin, int length) {

        public byte[] copy() {
            return Arrays.copyOfRange(bytes, begin, begin + length);
        }

        String text() {
            return new String(bytes, begin, length, StandardCharsets.UTF_8);
        }
    }

    /**
     * One line.
     *
     * @param position of the activity
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param customer id as text
     * @param offer id as text
     * @param decision the offer record that was sent, in JSON
     * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
     */
    public record Line(RecordPosition position, long recordTime, UUID decisionId, Instant decidedAt, String customer,
            String offer, String strategy, int strategyVersion, Slice decision, @Nullable Slice inputs) {
    }

    /** Upper bound for the size of the index of a record that contains only this line. */
    static int maxBytes(DecisionLogWriter.Entry entry) {
        // A character has up to three bytes in UTF-8
        return HEAD_BYTES + MAX_FIXED_BYTES
                + 3 * (entry.customer().length() + entry.offer().length() + entry.strategy().length());
    }

    /** Writes the index of one record at a time. Not thread-safe. */
    static final class Writer {

        private ByteBuffer buffer = ByteBuffer.allocate(32 * 1024);

        void begin(UUID topicId, Instant decidedAt) {
            buffer.clear();
            buffer.put(VERSION).putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits())
                    .putLong(decidedAt.toEpochMilli());
        }

        void add(DecisionLogWriter.Entry entry) {
            byte[] customer = JsonReader.utf8(entry.customer());
            byte[] offer = JsonReader.utf8(entry.offer());
            byte[] strategy = JsonReader.utf8(entry.strategy());
            reserve(MAX_FIXED_BYTES + customer.length + offer.length + strategy.length);
            ByteUtils.writeVarint(entry.position().partition(), buffer);
            ByteUtils.writeVarlong(entry.position().offset(), buffer);
            ByteUtils.writeVarlong(entry.recordTime() - entry.decidedAt().toEpochMilli(), buffer);
            buffer.putLong(entry.decisionId().getMostSignificantBits())
                    .putLong(entry.decisionId().getLeastSignificantBits());
            put(customer);
            put(offer);
            put(strategy);
            ByteUtils.writeVarint(entry.strategyVersion(), buffer);
            ByteUtils.writeVarint(entry.decision().length, buffer);
            ByteUtils.writeVarint(entry.inputs() == null ? -1 : entry.inputs().length, buffer);
        }

        private void put(byte[] text) {
            ByteUtils.writeVarint(text.length, buffer);
            buffer.put(text);
        }

        private void reserve(int bytes) {
            if (buffer.remaining() < bytes) {
                ByteBuffer larger = ByteBuffer.allocate(buffer.capacity() * 2 + bytes);
                buffer = larger.put(buffer.flip());
            }
        }

        /** The size so far, in bytes. */
        int size() {
            return buffer.position();
        }

        byte[] bytes() {
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }

    /**
     * Visits the lines of a record.
     *
     * @return false if the record has no index, because an earlier release wrote it
     * @throws InvalidInputException if the index can't be read, or does not match the value; earlier lines may
     *     have been visited
     */
    public static boolean read(ConsumerRecord<?, byte[]> record, Consumer<Line> lines) {
        Header header = record.headers().lastHeader(HEADER);
        if (header == null || header.value() == null) {
            return false;
        }
        if (record.value() == null) {
            throw new InvalidInputException("value is null");
        }
        requireUtf8(record.value());
        try {
            read(ByteBuffer.wrap(header.value()), record.value(), lines);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new InvalidInputException("header " + HEADER + " can't be read");
        }
        return true;
    }

    private static void read(ByteBuffer index, byte[] value, Consumer<Line> lines) {
        byte version = index.get();
        if (version != VERSION) {
            throw new InvalidInputException("header " + HEADER + " has the unknown version " + version);
        }
        UUID topicId = new UUID(index.getLong(), index.getLong());
        Instant decidedAt = Instant.ofEpochMilli(index.getLong());
        int begin = 0;
        while (index.hasRemaining()) {
            var position = new RecordPosition(topicId, ByteUtils.readVarint(index), ByteUtils.readVarlong(index));
            long recordTime = decidedAt.toEpochMilli() + ByteUtils.readVarlong(index);
            var decisionId = new UUID(index.getLong(), index.getLong());
            String customer = text(index);
            String offer = text(index);
            String strategy = text(index);
            int strategyVersion = ByteUtils.readVarint(index);
            var decision = new Slice(value, begin + DECISION.length, length(index));
            int inputsLength = ByteUtils.readVarint(index);
            int end = decision.begin() + decision.length();
            Slice inputs = null;
            requireAt(value, begin, DECISION);
            if (inputsLength >= 0) {
                requireAt(value, end, INPUTS);
                inputs = new Slice(value, end + INPUTS.length, inputsLength);
                end = inputs.begin() + inputsLength;
            }
            requireAt(value, end, END);
            begin = end + END.length;
            lines.accept(new Line(position, recordTime, decisionId, decidedAt, customer, offer, strategy,
                    strategyVersion, decision, inputs));
        }
        if (begin != value.length) {
            throw new InvalidInputException("header " + HEADER + " ends at byte " + begin + " of " + value.length);
        }
    }

    private static int length(ByteBuffer index) {
        int length = ByteUtils.readVarint(index);
        if (length < 0) {
            throw new InvalidInputException("header " + HEADER + " has a negative length");
        }
        return length;
    }

    private static String text(ByteBuffer index) {
        int length = length(index);
        if (length > index.remaining()) {
            throw new BufferUnderflowException();
        }
        var text = new String(index.array(), index.position(), length, StandardCharsets.UTF_8);
        index.position(index.position() + length);
        return JsonReader.requireStorable(text, "header " + HEADER);
    }

    private static void requireAt(byte[] value, int begin, byte[] expected) {
        if (begin < 0 || begin + expected.length > value.length
                || !Arrays.equals(value, begin, begin + expected.length, expected, 0, expected.length)) {
            throw new InvalidInputException("header " + HEADER + " does not match the value at byte " + begin);
        }
    }

    /** Rejects what Postgres can't store as text: invalid UTF-8, and NUL. */
    private static void requireUtf8(byte[] value) {
        boolean ascii = true;
        for (byte one : value) {
            ascii &= one > 0;
        }
        if (!ascii) {
            JsonReader.requireStorable(DecisionLogReader.text(value), "value");
        }
    }
}
