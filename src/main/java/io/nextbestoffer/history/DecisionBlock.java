package io.nextbestoffer.history;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import org.jspecify.annotations.Nullable;

/**
 * Decisions that are stored in one row: at most {@value #MAX_DECISIONS} of one day and {@link #MAX_SPAN},
 * compressed together.
 * Larger blocks would cost less to store, but more to look up, and to write again when a customer is erased.
 *
 * @param decisions at least one, in the order of the log
 */
record DecisionBlock(List<LoggedDecision> decisions) {

    static final int MAX_DECISIONS = 128;

    /** Limits how many other blocks can contain decisions of the same time. */
    static final Duration MAX_SPAN = Duration.ofSeconds(10);

    /** Bytes before compression; a single larger decision is a block of its own. */
    private static final int MAX_LENGTH = 128 * 1024;

    /** A corrupt length must not fill the memory. A record of Kafka is smaller. */
    private static final int MAX_RAW_LENGTH = 64 << 20;

    private static final byte FORMAT = 1;
    private static final int HEADER = 1 + Integer.BYTES;
    private static final int ABSENT = -1;

    /** A block can't be read. The message contains no data. */
    static final class CorruptException extends Exception {

        private static final long serialVersionUID = 1;

        CorruptException(String message) {
            super(message);
        }
    }

    /** Selects the decisions to decode: the others cost less. */
    interface Filter {

        Filter ALL = (id, decidedAt, customer) -> true;

        boolean accepts(UUID id, Instant decidedAt, String customer);
    }

    /** Cuts decisions, in the order of the log, into blocks. */
    static List<DecisionBlock> cut(List<LoggedDecision> sorted) {
        var blocks = new ArrayList<DecisionBlock>();
        int begin = 0;
        int length = 0;
        Instant end = Instant.MIN;
        for (int i = 0; i < sorted.size(); i++) {
            LoggedDecision next = sorted.get(i);
            int size = next.decision().length() + (next.inputs() == null ? 0 : next.inputs().length());
            if (i - begin == MAX_DECISIONS || length + size > MAX_LENGTH || !next.decidedAt().isBefore(end)) {
                if (i > begin) {
                    blocks.add(new DecisionBlock(sorted.subList(begin, i)));
                }
                begin = i;
                length = 0;
                end = end(next);
            }
            length += size;
        }
        if (begin < sorted.size()) {
            blocks.add(new DecisionBlock(sorted.subList(begin, sorted.size())));
        }
        return blocks;
    }

    /** The end, exclusive, of a block that begins with this decision. */
    private static Instant end(LoggedDecision first) {
        Instant end = first.decidedAt().plus(MAX_SPAN);
        Instant nextDay = first.day().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return end.isBefore(nextDay) ? end : nextDay;
    }

    LocalDate day() {
        return decisions.get(0).day();
    }

    Instant firstAt() {
        return decisions.get(0).decidedAt();
    }

    Instant lastAt() {
        return decisions.get(decisions.size() - 1).decidedAt();
    }

    /** The hashes of the ids, 8 bytes each. */
    byte[] ids() {
        ByteBuffer ids = ByteBuffer.allocate(decisions.size() * Long.BYTES);
        decisions.forEach(decision -> ids.putLong(DecisionIndex.hash(decision.decisionId())));
        return ids.array();
    }

    /** Encodes decisions; also none, if all were erased. */
    static byte[] encode(List<LoggedDecision> decisions) {
        var lines = new ArrayList<byte[][]>(decisions.size());
        int length = 0;
        for (LoggedDecision decision : decisions) {
            byte[][] texts = {utf8(decision.customer()), utf8(decision.strategy()), utf8(decision.offer()),
                    utf8(decision.decision()), decision.inputs() == null ? new byte[0] : utf8(decision.inputs())};
            lines.add(texts);
            length += 3 * Long.BYTES + 6 * Integer.BYTES;
            for (byte[] text : texts) {
                length += text.length;
            }
        }
        ByteBuffer raw = ByteBuffer.allocate(length);
        for (int i = 0; i < lines.size(); i++) {
            write(raw, decisions.get(i), lines.get(i));
        }
        return compress(raw.array());
    }

    private static void write(ByteBuffer raw, LoggedDecision decision, byte[][] texts) {
        raw.putLong(decision.decisionId().getMostSignificantBits())
                .putLong(decision.decisionId().getLeastSignificantBits())
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, decision.decidedAt()))
                .putInt(decision.strategyVersion());
        for (int i = 0; i < texts.length - 1; i++) {
            raw.putInt(texts[i].length).put(texts[i]);
        }
        byte[] inputs = texts[texts.length - 1];
        raw.putInt(decision.inputs() == null ? ABSENT : inputs.length).put(inputs);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compress(byte[] raw) {
        var deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(raw);
            deflater.finish();
            // Deflate stores bytes that can't be compressed with little overhead
            ByteBuffer content = ByteBuffer.allocate(HEADER + raw.length + raw.length / 1000 + 64);
            content.put(FORMAT).putInt(raw.length);
            while (!deflater.finished()) {
                deflater.deflate(content);
            }
            byte[] bytes = new byte[content.position()];
            content.get(0, bytes);
            return bytes;
        } finally {
            deflater.end();
        }
    }

    /** Decodes all decisions. */
    static List<LoggedDecision> decode(byte[] content) throws CorruptException {
        return decode(content, Filter.ALL);
    }

    /** Decodes some decisions. */
    static List<LoggedDecision> decode(byte[] content, Filter wanted) throws CorruptException {
        ByteBuffer raw = ByteBuffer.wrap(decompress(content));
        var decisions = new ArrayList<LoggedDecision>();
        try {
            while (raw.hasRemaining()) {
                LoggedDecision decision = read(raw, wanted);
                if (decision != null) {
                    decisions.add(decision);
                }
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException
                | DateTimeException e) {
            throw new CorruptException("a length is wrong");
        }
        return decisions;
    }

    private static @Nullable LoggedDecision read(ByteBuffer raw, Filter wanted) {
        UUID id = new UUID(raw.getLong(), raw.getLong());
        Instant decidedAt = Instant.EPOCH.plus(raw.getLong(), ChronoUnit.MICROS);
        int version = raw.getInt();
        String customer = text(raw, raw.getInt());
        if (wanted.accepts(id, decidedAt, customer)) {
            String strategy = text(raw, raw.getInt());
            String offer = text(raw, raw.getInt());
            String decision = text(raw, raw.getInt());
            int inputs = raw.getInt();
            return new LoggedDecision(id, customer, decidedAt, strategy, version, offer, decision,
                    inputs == ABSENT ? null : text(raw, inputs));
        }
        for (int skipped = 0; skipped < 4; skipped++) {
            int length = raw.getInt();
            raw.position(raw.position() + Math.max(0, length));
        }
        return null;
    }

    private static String text(ByteBuffer raw, int length) {
        var text = new String(raw.array(), raw.position(), length, StandardCharsets.UTF_8);
        raw.position(raw.position() + length);
        return text;
    }

    private static byte[] decompress(byte[] content) throws CorruptException {
        if (content.length < HEADER || content[0] != FORMAT) {
            throw new CorruptException("the format is unknown");
        }
        int length = ByteBuffer.wrap(content).getInt(1);
        if (length < 0 || length > MAX_RAW_LENGTH) {
            throw new CorruptException("the length is wrong");
        }
        var inflater = new Inflater();
        try {
            inflater.setInput(content, HEADER, content.length - HEADER);
            byte[] raw = new byte[length];
            int read = inflater.inflate(raw);
            // Reads the checksum, too
            if (read != length || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
                throw new CorruptException("it is incomplete");
            }
            return raw;
        } catch (DataFormatException e) {
            throw new CorruptException("it can't be decompressed");
        } finally {
            inflater.end();
        }
    }
}
