package io.nextbestoffer.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.kafka.topic.RecordPosition;

/**
 * Collects decisions into a few large records of the decision log: one record per decision would cost as much as its
 * offer. Each decision is a line of JSON, copied from bytes that are encoded already; the {@link LineIndex} of the
 * lines is in a header. Not thread-safe.
 */
public final class DecisionLogWriter {

    /** Fits, with Kafka's overhead, into a buffer of the producer, which has 256 KiB. */
    private static final int TARGET_RECORD_BYTES = 255 * 1024;

    private final String topic;
    private final int maxBytes;
    private final int recordBytes;
    private final LineIndex.Writer index = new LineIndex.Writer();
    private final List<byte[]> pieces = new ArrayList<>();
    private List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private @Nullable Entry first;
    private int bytes;

    /**
     * @param maxBytes the maximum size of a record; the broker would reject a larger one, which would block the
     *     partition of the activity
     */
    public DecisionLogWriter(String topic, int maxBytes) {
        this.topic = topic;
        this.maxBytes = maxBytes;
        this.recordBytes = Math.min(TARGET_RECORD_BYTES, maxBytes);
    }

    /**
     * A decision to write.
     *
     * @param position of the activity
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param decidedAt to the millisecond
     * @param customer id as text
     * @param offer id as text
     * @param decision the offer record, in JSON
     * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
     */
    public record Entry(RecordPosition position, long recordTime, UUID decisionId, Instant decidedAt, String customer,
            String offer, String strategy, int strategyVersion, byte[] decision, byte @Nullable [] inputs) {

        private int lineBytes() {
            return LineIndex.DECISION.length + decision.length
                    + (inputs == null ? 0 : LineIndex.INPUTS.length + inputs.length) + LineIndex.END.length;
        }

        /** Whether both entries share the values that the index stores once per record. */
        private boolean fitsBeside(Entry other) {
            return decidedAt.equals(other.decidedAt) && position.topicId().equals(other.position.topicId());
        }
    }

    /**
     * Adds a decision.
     *
     * @throws InvalidInputException if the entry is too large; then it was not added
     */
    public void add(Entry entry) {
        int size = entry.lineBytes() + LineIndex.maxBytes(entry);
        if (size > maxBytes) {
            throw new InvalidInputException("the decision log entry would have " + size + " bytes");
        }
        if (first != null && (bytes + index.size() + size > recordBytes || !entry.fitsBeside(first))) {
            endRecord();
        }
        if (first == null) {
            first = entry;
            index.begin(entry.position().topicId(), entry.decidedAt());
        }
        index.add(entry);
        pieces.add(LineIndex.DECISION);
        pieces.add(entry.decision());
        if (entry.inputs() != null) {
            pieces.add(LineIndex.INPUTS);
            pieces.add(entry.inputs());
        }
        pieces.add(LineIndex.END);
        bytes += entry.lineBytes();
    }

    /** Returns the records of the decisions added since the last call. */
    public List<ProducerRecord<byte[], byte[]>> take() {
        if (first != null) {
            endRecord();
        }
        var complete = records;
        records = new ArrayList<>();
        return complete;
    }

    /** Completes the current record. It has no key, because its decisions belong to many customers. */
    private void endRecord() {
        byte[] value = new byte[bytes];
        int position = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, value, position, piece.length);
            position += piece.length;
        }
        var record = new ProducerRecord<byte[], byte[]>(topic, value);
        record.headers().add(new RecordHeader(LineIndex.HEADER, index.bytes()));
        records.add(record);
        pieces.clear();
        bytes = 0;
        first = null;
    }
}
