package io.nextbestoffer.history;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * Collects decisions into a few large records of the decision log: one record per decision would cost as much as its
 * offer. Each decision is a line of JSON, copied from bytes that are encoded already. Not thread-safe.
 */
public final class DecisionLogWriter {

    /** Fits, with Kafka's overhead, into a buffer of the producer, which has 256 KiB. */
    private static final int TARGET_RECORD_BYTES = 255 * 1024;

    private static final byte[] DECISION = JsonReader.utf8("{\"decision\":");
    private static final byte[] INPUTS = JsonReader.utf8(",\"inputs\":");
    private static final byte[] END = JsonReader.utf8("}\n");

    private final boolean enabled;
    private final String topic;
    private final int maxBytes;
    private final int recordBytes;
    private List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final List<byte[]> pieces = new ArrayList<>();
    private int bytes;

    /**
     * @param enabled if false, nothing is collected
     * @param maxBytes the maximum size of a record; the broker would reject a larger one, which would block the
     *     partition of the activity
     */
    public DecisionLogWriter(boolean enabled, String topic, int maxBytes) {
        this.enabled = enabled;
        this.topic = topic;
        this.maxBytes = maxBytes;
        this.recordBytes = Math.min(TARGET_RECORD_BYTES, maxBytes);
    }

    /**
     * Adds a decision.
     *
     * @param decision the offer record, in JSON
     * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
     * @throws InvalidInputException if the entry is too large; then it was not added
     */
    public void add(byte[] decision, byte @Nullable [] inputs) {
        if (!enabled) {
            return;
        }
        int size = DECISION.length + decision.length + (inputs == null ? 0 : INPUTS.length + inputs.length)
                + END.length;
        if (size > maxBytes) {
            throw new InvalidInputException("the decision log entry would have " + size + " bytes");
        }
        if (bytes + size > recordBytes) {
            endRecord();
        }
        pieces.add(DECISION);
        pieces.add(decision);
        if (inputs != null) {
            pieces.add(INPUTS);
            pieces.add(inputs);
        }
        pieces.add(END);
        bytes += size;
    }

    /** Returns the records of the decisions added since the last call. */
    public List<ProducerRecord<byte[], byte[]>> take() {
        endRecord();
        var complete = records;
        records = new ArrayList<>();
        return complete;
    }

    /** Completes the current record. It has no key, because its decisions belong to many customers. */
    private void endRecord() {
        if (pieces.isEmpty()) {
            return;
        }
        byte[] value = new byte[bytes];
        int position = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, value, position, piece.length);
            position += piece.length;
        }
        records.add(new ProducerRecord<>(topic, value));
        pieces.clear();
        bytes = 0;
    }
}
