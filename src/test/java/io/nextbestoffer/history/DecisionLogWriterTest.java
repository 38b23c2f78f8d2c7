package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.topic.RecordPosition;

class DecisionLogWriterTest {

    private static final int BUFFER = 256 * 1024;
    private static final int FRAME = "{\"decision\":}\n".length();

    private final DecisionLogWriter writer = new DecisionLogWriter("decision-traces", 1_000_000);

    private static byte[] object(int size) {
        return JsonReader.utf8("{\"x\":\"" + "é".repeat((size - 8) / 2) + "\"}");
    }

    private static void add(DecisionLogWriter writer, byte[] decision, byte @Nullable [] inputs) {
        var position = new RecordPosition(new UUID(0, 1), 3, 42);
        writer.add(new DecisionLogWriter.Entry(position, 1, position.decisionId(), Instant.EPOCH, "customer", "5",
                "banking", 1, decision, inputs));
    }

    /** As the broker counts it, without the framing. */
    private static int size(ProducerRecord<byte[], byte[]> record) {
        return record.value().length + record.headers().lastHeader(LineIndex.HEADER).value().length;
    }

    private static String text(ProducerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    @Test
    void writesALinePerDecision() {
        add(writer, JsonReader.utf8("{\"decision_id\":\"é😀\"}"), null);
        add(writer, JsonReader.utf8("{\"decision_id\":\"b\"}"), JsonReader.utf8("{\"customer\":{}}"));

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
        add(writer, object(10), null);

        assertThat(writer.take()).hasSize(1);
        assertThat(writer.take()).isEmpty();
        assertThat(new DecisionLogWriter("decision-traces", 1_000_000).take()).isEmpty();
    }

    @Test
    void fillsRecordsThatFitIntoTheProducersBuffers() {
        byte[] decision = object(1_000);
        for (int i = 0; i < 1_000; i++) {
            add(writer, decision, null);
        }

        List<ProducerRecord<byte[], byte[]>> records = writer.take();

        assertThat(records).hasSize(5).allSatisfy(record -> {
            assertThat(size(record)).isLessThan(BUFFER - 1_000);
            assertThat(text(record)).startsWith("{\"decision\":{").endsWith("}}\n");
        });
        assertThat(records.stream().flatMap(record -> text(record).lines())).hasSize(1_000)
                .allMatch(line -> line.length() == text(records.get(0)).indexOf('\n'));
    }

    @Test
    void writesALargeDecisionToARecordOfItsOwn() {
        add(writer, object(500), null);
        add(writer, object(BUFFER * 2), object(500));
        add(writer, object(500), null);
        add(writer, object(500), null);

        assertThat(writer.take()).extracting(record -> text(record).lines().count()).containsExactly(1L, 1L, 2L);
    }

    @Test
    void rejectsADecisionThatIsTooLargeAndKeepsTheOthers() {
        var small = new DecisionLogWriter("decision-traces", 10_000);
        add(small, object(100), null);

        assertThatThrownBy(() -> add(small, object(5_000), object(5_000))).isInstanceOf(InvalidInputException.class)
                .hasMessageMatching("the decision log entry would have 1\\d{4} bytes");
        add(small, object(9_800), null);

        List<ProducerRecord<byte[], byte[]>> records = small.take();
        assertThat(records).extracting(record -> record.value().length).containsExactly(100 + FRAME, 9_800 + FRAME);
        assertThat(records).allMatch(record -> size(record) <= 10_000);
    }

    @Test
    void writesNoRecordLargerThanTheLimit() {
        var small = new DecisionLogWriter("decision-traces", 10_000);
        IntStream.range(0, 100).forEach(i -> add(small, object(3_000), null));

        assertThat(small.take()).hasSize(34).allMatch(record -> size(record) <= 10_000);
    }
}
