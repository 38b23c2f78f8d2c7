package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

class DecisionLogWriterTest {

    private static final int BUFFER = 256 * 1024;
    private static final int FRAME = "{\"decision\":}\n".length();

    private final DecisionLogWriter writer = new DecisionLogWriter(true, "decision-traces", 1_000_000);

    private static byte[] object(int size) {
        return JsonReader.utf8("{\"x\":\"" + "é".repeat((size - 8) / 2) + "\"}");
    }

    private static String text(ProducerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    @Test
    void writesALinePerDecision() {
        writer.add(JsonReader.utf8("{\"decision_id\":\"é😀\"}"), null);
        writer.add(JsonReader.utf8("{\"decision_id\":\"b\"}"), JsonReader.utf8("{\"customer\":{}}"));

        assertThat(writer.take()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("decision-traces");
            assertThat(record.key()).isNull();
            assertThat(text(record)).isEqualTo("""
                    {"decision":{"decision_id":"é😀"}}
                    {"decision":{"decision_id":"b"},"inputs":{"customer":{}}}
                    """);
        });
    }

    @Test
    void returnsEachRecordOnce() {
        writer.add(object(10), null);

        assertThat(writer.take()).hasSize(1);
        assertThat(writer.take()).isEmpty();
        assertThat(new DecisionLogWriter(true, "decision-traces", 1_000_000).take()).isEmpty();
    }

    @Test
    void fillsRecordsThatFitIntoTheProducersBuffers() {
        byte[] decision = object(1_000);
        for (int i = 0; i < 1_000; i++) {
            writer.add(decision, null);
        }

        List<ProducerRecord<byte[], byte[]>> records = writer.take();

        assertThat(records).hasSize(4).allSatisfy(record -> {
            assertThat(record.value().length).isLessThan(BUFFER - 1_000);
            assertThat(text(record)).startsWith("{\"decision\":{").endsWith("}}\n");
        });
        assertThat(records.stream().flatMap(record -> text(record).lines())).hasSize(1_000)
                .allMatch(line -> line.length() == text(records.get(0)).indexOf('\n'));
    }

    @Test
    void writesALargeDecisionToARecordOfItsOwn() {
        writer.add(object(500), null);
        writer.add(object(BUFFER * 2), object(500));
        writer.add(object(500), null);
        writer.add(object(500), null);

        assertThat(writer.take()).extracting(record -> text(record).lines().count()).containsExactly(1L, 1L, 2L);
    }

    @Test
    void rejectsADecisionThatIsTooLargeAndKeepsTheOthers() {
        var small = new DecisionLogWriter(true, "decision-traces", 10_000);
        small.add(object(100), null);

        assertThatThrownBy(() -> small.add(object(5_000), object(5_000))).isInstanceOf(InvalidInputException.class)
                .hasMessageMatching("the decision log entry would have 1\\d{4} bytes");
        small.add(object(10_000 - FRAME), null);

        List<ProducerRecord<byte[], byte[]>> records = small.take();
        assertThat(records).extracting(record -> record.value().length).containsExactly(100 + FRAME, 10_000);
    }

    @Test
    void writesNoRecordLargerThanTheLimit() {
        var small = new DecisionLogWriter(true, "decision-traces", 10_000);
        IntStream.range(0, 100).forEach(i -> small.add(object(3_000), null));

        assertThat(small.take()).hasSize(34).allMatch(record -> record.value().length <= 10_000);
    }

    @Test
    void writesNothingWhenDisabled() {
        var disabled = new DecisionLogWriter(false, "decision-traces", 1_000);
        disabled.add(object(10_000), null);

        assertThat(disabled.take()).isEmpty();
    }
}
