package io.nextbestoffer.history;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * Gathers the traces of decisions to a few large records: a record each would cost as much as the offer. Each is a line
 * of JSON, of bytes that are there already. Not thread-safe.
 */
public final class DecisionLogWriter {

    /** A record with what Kafka adds to it fits in the producer's buffers, which have 256 KiB each. */
    private static final int RECORD_BYTES = 255 * 1024;

    private static final byte[] DECISION = JsonReader.utf8("{\"decision\":");
    private static final byte[] INPUTS = JsonReader.utf8(",\"inputs\":");
    private static final byte[] END = JsonReader.utf8("}\n");

    private final boolean wanted;
    private final String topic;
    private final int maxBytes;
    private final int cut;
    private List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final List<byte[]> pieces = new ArrayList<>();
    private int bytes;

    /**
     * @param wanted if not, none are gathered
     * @param maxBytes of a record: a larger one would block the partition that the activity came from
     */
    public DecisionLogWriter(boolean wanted, String topic, int maxBytes) {
        this.wanted = wanted;
        this.topic = topic;
        this.maxBytes = maxBytes;
        this.cut = Math.min(RECORD_BYTES, maxBytes);
    }

    /**
     * @param decision the record as it goes out
     * @param inputs JSON of what it was decided from; null if the decision has it all
     * @throws InvalidInputException if the trace is too large; then it was not added
     */
    public void add(byte[] decision, byte @Nullable [] inputs) {
        if (!wanted) {
            return;
        }
        int size = DECISION.length + decision.length + (inputs == null ? 0 : INPUTS.length + inputs.length)
                + END.length;
        if (size > maxBytes) {
            throw new InvalidInputException("the trace of the decision would have " + size + " bytes");
        }
        if (bytes + size > cut) {
            cut();
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

    /** @return the records of what was added since this was last called */
    public List<ProducerRecord<byte[], byte[]>> take() {
        cut();
        var taken = records;
        records = new ArrayList<>();
        return taken;
    }

    /** Without a key: what is in a record is of many customers. */
    private void cut() {
        if (pieces.isEmpty()) {
            return;
        }
        byte[] value = new byte[bytes];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, value, at, piece.length);
            at += piece.length;
        }
        records.add(new ProducerRecord<>(topic, value));
        pieces.clear();
        bytes = 0;
    }
}
