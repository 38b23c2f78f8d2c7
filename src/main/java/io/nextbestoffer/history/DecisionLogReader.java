package io.nextbestoffer.history;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * Reads records of the decision log: one line of JSON per decision, with or without their {@link LineIndex}. It is
 * strict, because a record that Postgres rejects would be processed again and again.
 */
@ApplicationScoped
class DecisionLogReader {

    private final Clock clock;

    DecisionLogReader(Clock clock) {
        this.clock = clock;
    }

    /**
     * Reads all decisions of a record, at least one.
     *
     * @throws InvalidInputException if a line can't be read; the message contains the line number
     */
    List<LoggedDecision> read(ConsumerRecord<?, byte[]> record) {
        var decisions = new ArrayList<LoggedDecision>();
        boolean indexed = LineIndex.read(record, line -> decisions.add(decision(line)));
        // Releases without the index wrote such records; they are read during a rolling upgrade and in a replay
        return indexed ? decisions : read(record.value());
    }

    private LoggedDecision decision(LineIndex.Line line) {
        LineIndex.Slice inputs = line.inputs();
        return new LoggedDecision(line.decisionId(), line.customer(), notInTheFuture(line.decidedAt()),
                line.strategy(), line.strategyVersion(), line.offer(), line.decision().text(),
                inputs == null ? null : inputs.text());
    }

    /** Reads a record without an index. */
    List<LoggedDecision> read(byte @Nullable [] record) {
        if (record == null) {
            throw new InvalidInputException("value is null");
        }
        var decisions = new ArrayList<LoggedDecision>();
        int line = 1;
        for (int begin = 0; begin < record.length; line++) {
            int end = begin;
            while (end < record.length && record[end] != '\n') {
                end++;
            }
            try {
                decisions.add(readLine(Arrays.copyOfRange(record, begin, end)));
            } catch (InvalidInputException e) {
                throw new InvalidInputException("line " + line + ": " + e.getMessage());
            }
            begin = end + 1;
        }
        if (decisions.isEmpty()) {
            throw new InvalidInputException("value is empty");
        }
        return decisions;
    }

    private LoggedDecision readLine(byte[] line) {
        Map<String, byte[]> parts = JsonReader.objectsIn(line);
        byte[] decision = parts.get("decision");
        byte[] inputs = parts.get("inputs");
        if (decision == null) {
            throw new InvalidInputException("decision must be an object");
        }
        if (inputs != null) {
            JsonReader.value(inputs);
        }
        Attributes fields = JsonReader.object(decision);
        return new LoggedDecision(decisionId(fields), Id.of("customer_id", fields.get("customer_id")).text(),
                decidedAt(fields), strategy(fields), strategyVersion(fields),
                Id.of("offer_id", fields.get("offer_id")).text(), text(decision),
                inputs == null ? null : text(inputs));
    }

    private static UUID decisionId(Attributes fields) {
        try {
            if (fields.get("decision_id") instanceof String text) {
                return UUID.fromString(text);
            }
        } catch (IllegalArgumentException e) {
            // Reported below
        }
        throw new InvalidInputException("decision_id must be a UUID");
    }

    private Instant decidedAt(Attributes fields) {
        Instant time = null;
        try {
            if (fields.get("decided_at") instanceof String text) {
                time = Instant.parse(text);
            }
        } catch (DateTimeException e) {
            // Reported below
        }
        if (time == null) {
            throw new InvalidInputException("decided_at must be an instant like 2026-01-02T03:04:05.678Z");
        }
        return notInTheFuture(time);
    }

    private Instant notInTheFuture(Instant time) {
        if (time.isAfter(clock.instant().plus(LineIndex.MAX_CLOCK_SKEW))) {
            throw new InvalidInputException("decided_at must not be in the future");
        }
        return time;
    }

    private static String strategy(Attributes fields) {
        if (fields.get("strategy") instanceof String name) {
            return name;
        }
        throw new InvalidInputException("strategy must be a string");
    }

    private static int strategyVersion(Attributes fields) {
        if (fields.get("strategy_version") instanceof Long version && version.intValue() == version) {
            return version.intValue();
        }
        throw new InvalidInputException("strategy_version must be a whole number of 32 bits");
    }

    /** Rejects invalid UTF-8, such as overlong encodings, which Jackson accepts and Postgres does not. */
    static String text(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("not in UTF-8");
        }
    }
}
