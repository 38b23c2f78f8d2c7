package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LineIndexTest {

    private static final UUID TOPIC = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    private static final Instant DECIDED_AT = Instant.parse("2026-01-02T03:04:06.123Z");

    private static DecisionLogWriter.Entry entry(int partition, long offset, long recordTime, String customer,
            String decision, @Nullable String inputs) {
        var position = new RecordPosition(TOPIC, partition, offset);
        return new DecisionLogWriter.Entry(position, recordTime, position.decisionId(), DECIDED_AT, customer, "5",
                "banking", 12, utf8(decision), inputs == null ? null : utf8(inputs));
    }

    private static final List<DecisionLogWriter.Entry> TWO = List.of(
            entry(3, 42, DECIDED_AT.toEpochMilli() - 7, "é😀", "{\"a\":1}", null),
            entry(0, Long.MAX_VALUE, -1, "2", "{}", "{\"customer\":{}}"));

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ProducerRecord<byte[], byte[]> written(List<DecisionLogWriter.Entry> entries) {
        var writer = new DecisionLogWriter("decision-traces", 1_000_000);
        entries.forEach(writer::add);
        List<ProducerRecord<byte[], byte[]>> records = writer.take();
        assertThat(records).hasSize(1);
        return records.get(0);
    }

    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] index, byte @Nullable [] value) {
        var headers = new RecordHeaders();
        if (index != null) {
            headers.add(LineIndex.HEADER, index);
        }
        return new ConsumerRecord<>("decision-traces", 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, null, value, headers,
                Optional.empty());
    }

    private static byte[] index(ProducerRecord<byte[], byte[]> record) {
        return record.headers().lastHeader(LineIndex.HEADER).value();
    }

    private static List<LineIndex.Line> read(byte @Nullable [] index, byte @Nullable [] value) {
        var lines = new ArrayList<LineIndex.Line>();
        LineIndex.read(record(index, value), lines::add);
        return lines;
    }

    @Test
    void readsWhatTheWriterWrote() {
        var record = written(TWO);

        List<LineIndex.Line> lines = read(index(record), record.value());

        assertThat(lines).hasSize(2);
        for (int i = 0; i < 2; i++) {
            DecisionLogWriter.Entry entry = TWO.get(i);
            LineIndex.Line line = lines.get(i);
            assertThat(line.position()).isEqualTo(entry.position());
            assertThat(line.recordTime()).isEqualTo(entry.recordTime());
            assertThat(line.decisionId()).isEqualTo(entry.decisionId());
            assertThat(line.decidedAt()).isEqualTo(DECIDED_AT);
            assertThat(line.customer()).isEqualTo(entry.customer());
            assertThat(line.offer()).isEqualTo("5");
            assertThat(line.strategy()).isEqualTo("banking");
            assertThat(line.strategyVersion()).isEqualTo(12);
            assertThat(line.decision().copy()).isEqualTo(entry.decision());
        }
        assertThat(lines.get(0).inputs()).isNull();
        assertThat(lines.get(1).inputs().text()).isEqualTo("{\"customer\":{}}");
    }

    @Test
    void growsWithTheNumberOfLines() {
        List<DecisionLogWriter.Entry> many = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            many.add(entry(i, i, i, "customer " + i, "{}", null));
        }
        var record = written(many);

        assertThat(read(index(record), record.value())).extracting(LineIndex.Line::customer)
                .containsExactlyElementsOf(many.stream().map(DecisionLogWriter.Entry::customer).toList());
    }

    @Test
    void findsNoIndexInARecordOfAnEarlierRelease() {
        assertThat(LineIndex.read(record(null, utf8("{}")), line -> {
        })).isFalse();
    }

    @Test
    void rejectsAnIndexThatDoesNotMatchTheValue() {
        var record = written(TWO);
        byte[] index = index(record);
        UnaryOperator<byte[]> longer = value -> utf8(new String(value, StandardCharsets.UTF_8) + " ");

        assertUnreadable(index, null, "value is null");
        assertUnreadable(index, longer.apply(record.value()), "ends at byte");
        assertUnreadable(index, utf8("{}"), "does not match the value");
        assertUnreadable(new byte[0], record.value(), "can't be read");
        assertUnreadable(new byte[]{2}, record.value(), "has the unknown version 2");
    }

    @Test
    void rejectsWhatPostgresCannotStore() {
        assertUnreadable(index(written(List.of(entry(0, 0, 0, "1", "{\"a\":\"x\"}", null)))),
                utf8("{\"decision\":{\"a\":\"\0\"}}\n"), "NUL");
        byte[] overlong = utf8("{\"decision\":{\"a\":\"xx\"}}\n");
        int text = new String(overlong, StandardCharsets.US_ASCII).indexOf("xx");
        overlong[text] = (byte) 0xc1;
        overlong[text + 1] = (byte) 0xae;
        assertUnreadable(index(written(List.of(entry(0, 0, 0, "1", "{\"a\":\"xx\"}", null)))), overlong,
                "not in UTF-8");
        var nul = written(List.of(entry(0, 0, 0, "\0", "{}", null)));
        assertUnreadable(index(nul), nul.value(), "NUL");
    }

    private static void assertUnreadable(byte[] index, byte @Nullable [] value, String message) {
        assertThatThrownBy(() -> read(index, value)).isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    /** Whatever the index contains, reading either fails with a clear message or returns lines within the value. */
    @Property(tries = 2_000)
    void neverReadsOutsideTheValue(@ForAll byte[] noise, @ForAll int at, @ForAll boolean cut) {
        var record = written(TWO);
        byte[] index = index(record).clone();
        int begin = Math.floorMod(at, index.length);
        System.arraycopy(noise, 0, index, begin, Math.min(noise.length, index.length - begin));
        byte[] changed = cut ? Arrays.copyOf(index, begin) : index;

        try {
            assertThat(read(changed, record.value())).allSatisfy(line -> {
                assertThat(line.decision().begin()).isNotNegative();
                assertThat(line.decision().begin() + line.decision().length()).isLessThan(record.value().length);
            });
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageNotContaining("😀");
        }
    }
}
