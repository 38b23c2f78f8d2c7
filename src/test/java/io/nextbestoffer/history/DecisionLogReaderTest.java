package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.InvalidInputException;

class DecisionLogReaderTest {

    private static final String DECISION = """
            {"activity_id":1,"customer_id":"é😀","offer_id":5,"offer_name":"n","decision_id":\
            "48975c50-4bd0-5c71-9993-abdff7586225","strategy":"banking","strategy_version":1,\
            "decided_at":"2026-01-02T23:59:59.999Z"}""";

    private final DecisionLogReader reader = new DecisionLogReader(
            Clock.fixed(Instant.parse("2026-01-03T00:30:00Z"), ZoneOffset.UTC));

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void assertUnreadable(byte[] record, String message) {
        assertThatThrownBy(() -> reader.read(record)).isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void readsALinePerDecision() {
        String record = "{\"decision\":" + DECISION + "}\n{\"decision\":" + DECISION
                + ",\"inputs\":{\"customer\":{\"x\":1.0}}}\n";

        assertThat(reader.read(utf8(record))).hasSize(2).allSatisfy(logged -> {
            assertThat(logged.decisionId()).isEqualTo(UUID.fromString("48975c50-4bd0-5c71-9993-abdff7586225"));
            assertThat(logged.customer()).isEqualTo("é😀");
            assertThat(logged.decidedAt()).isEqualTo(Instant.parse("2026-01-02T23:59:59.999Z"));
            assertThat(logged.day()).isEqualTo(LocalDate.of(2026, 1, 2));
            assertThat(logged.strategy()).isEqualTo("banking");
            assertThat(logged.strategyVersion()).isEqualTo(1);
            assertThat(logged.offer()).isEqualTo("5");
            assertThat(logged.decision()).isEqualTo(DECISION);
        }).extracting(LoggedDecision::inputs).containsExactly(null, "{\"customer\":{\"x\":1.0}}");
    }

    @Test
    void acceptsUnknownFieldsAndALastLineWithoutLineBreak() {
        assertThat(reader.read(utf8("{\"more\":[{}],\"decision\":" + DECISION + ",\"inputs\":null}"))).singleElement()
                .satisfies(logged -> assertThat(logged.inputs()).isNull());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`',
            textBlock = """
                    "decision_id":"48975c50-4bd0-5c71-9993-abdff7586225" | "decision_id":"1" | decision_id must be a \
                    UUID
                    "decision_id":"48975c50-4bd0-5c71-9993-abdff7586225" | "decision_id":7 | decision_id must be a UUID
                    "customer_id":"é😀" | "customer_id":null | customer_id must be
                    "customer_id":"é😀" | "customer_id":"\\u0000" | customer_id contains the character NUL
                    "customer_id":"é😀" | "customer_id":"\\ud83d" | customer_id contains half a surrogate
                    "offer_id":5 | "offer_id":0.5 | offer_id must be
                    "offer_id":5 | "offer_id":5,"offer_id":5 | field offer_id occurs twice
                    "offer_name":"n" | "offer_name":"\\u0000" | offer_name contains the character NUL
                    "strategy":"banking" | "strategy":{} | strategy must be a string
                    "strategy_version":1 | "strategy_version":1.5 | strategy_version must be a whole number
                    "strategy_version":1 | "strategy_version":3000000000 | strategy_version must be a whole number
                    "decided_at":"2026-01-02T23:59:59.999Z" | "decided_at":1767398399 | decided_at must be an instant
                    "decided_at":"2026-01-02T23:59:59.999Z" | "decided_at":"2026-02-30T00:00:00Z" | decided_at must \
                    be an instant
                    "decided_at":"2026-01-02T23:59:59.999Z" | "decided_at":"2026-01-03T01:30:01Z" | decided_at must \
                    not be in the future
                    "decided_at":"2026-01-02T23:59:59.999Z" | "decided_at":"+999999999-01-01T00:00:00Z" | decided_at \
                    must not be in the future
                    """)
    void reportsTheProblemAndItsLine(String right, String wrong, String message) {
        assertThat(DECISION).contains(right);

        assertUnreadable(
                utf8("{\"decision\":" + DECISION + "}\n{\"decision\":" + DECISION.replace(right, wrong) + "}\n"),
                "line 2: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"decision\":1}", "{\"decision\":[{}]}"})
    void rejectsLinesWithoutADecision(String line) {
        assertUnreadable(utf8(line), "line 1: decision must be an object");
    }

    @Test
    void rejectsInputsThatPostgresCannotStore() {
        assertUnreadable(utf8("{\"decision\":" + DECISION + ",\"inputs\":{\"a\":\"\\u0000\"}}"),
                "contains the character NUL");
    }

    @Test
    void rejectsEmptyRecordsAndLines() {
        assertUnreadable(null, "value is null");
        assertUnreadable(new byte[0], "value is empty");
        assertUnreadable(utf8("\n"), "line 1: value is empty");
        assertUnreadable(utf8("{\"decision\":" + DECISION + "}\n\n"), "line 2: value is empty");
        assertUnreadable(utf8("not JSON"), "line 1: not JSON");
    }

    @Test
    void rejectsOverlongUtf8AsPostgresDoes() {
        // An "n" in two bytes, which Jackson accepts
        byte[] record = utf8("{\"decision\":" + DECISION.replace("\"n\"", "\"__\"") + "}");
        int at = new String(record, StandardCharsets.ISO_8859_1).indexOf("\"__\"") + 1;
        record[at] = (byte) 0xc1;
        record[at + 1] = (byte) 0xae;

        assertUnreadable(record, "not in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-999999999-01-01T00:00:00Z", "1970-01-01T00:00:00Z"})
    void readsDecisionsOlderThanTheRetention(String time) {
        assertThat(reader.read(utf8("{\"decision\":" + DECISION.replace("2026-01-02T23:59:59.999Z", time) + "}")))
                .hasSize(1);
    }
}
