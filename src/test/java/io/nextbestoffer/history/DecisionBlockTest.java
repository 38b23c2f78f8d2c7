package io.nextbestoffer.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class DecisionBlockTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.000001Z");

    private static LoggedDecision decision(int id, Instant at, String decision, String inputs) {
        return new LoggedDecision(new UUID(id, -id), "customer-" + id % 7, at, "banking", id, "5", decision, inputs);
    }

    private static List<Integer> sizes(List<LoggedDecision> decisions) {
        return DecisionBlock.cut(decisions).stream().map(block -> block.decisions().size()).toList();
    }

    @Test
    void decodesWhatItEncodes() throws Exception {
        var decisions = new ArrayList<LoggedDecision>();
        decisions.add(decision(1, NOON, "{\"é\" : \"\uD83D\uDE00\\u0000\"}", null));
        decisions.add(decision(2, Instant.parse("1969-12-31T23:59:59.999999Z"), "{}", "{\"x\":1.0}"));
        decisions.add(decision(3, NOON, "{\"x\":\"" + "y".repeat(1 << 20) + "\"}", "{}"));

        byte[] content = DecisionBlock.encode(decisions);

        assertThat(DecisionBlock.decode(content)).isEqualTo(decisions);
        assertThat(DecisionBlock.decode(content, (id, at, customer) -> id.equals(new UUID(2, -2))))
                .containsExactly(decisions.get(1));
        assertThat(DecisionBlock.decode(content, (id, at, customer) -> customer.equals("customer-3")))
                .containsExactly(decisions.get(2));
        assertThat(DecisionBlock.decode(DecisionBlock.encode(List.of()))).isEmpty();
    }

    @Test
    void compressesDecisions() {
        String json = "{\"activity_id\":%d,\"customer_id\":%d,\"offer_id\":1,\"offer_name\":\"new_savings\","
                + "\"offer_url\":\"https://example.com/savings\",\"strategy\":\"banking\",\"rule\":\"savings\"}";
        List<LoggedDecision> decisions = IntStream.range(0, 128)
                .mapToObj(i -> decision(i, NOON.plusMillis(i), json.formatted(i, i * 31), null)).toList();

        assertThat(DecisionBlock.encode(decisions).length).isLessThan(128 * json.length() / 4);
    }

    @Test
    void cutsByNumberLengthTimeAndDay() {
        assertThat(sizes(List.of())).isEmpty();
        assertThat(sizes(IntStream.range(0, 300).mapToObj(i -> decision(i, NOON, "{}", null)).toList()))
                .containsExactly(128, 128, 44);
        assertThat(sizes(IntStream.range(0, 3).mapToObj(
                i -> decision(i, NOON, "x".repeat(i == 1 ? 1 << 20 : 10), null)).toList())).containsExactly(1, 1, 1);
        assertThat(sizes(IntStream.range(0, 5).mapToObj(i -> decision(i, NOON.plusSeconds(i * 4L), "{}", null))
                .toList())).containsExactly(3, 2);
        Instant midnight = Instant.parse("2026-03-02T00:00:00Z");
        assertThat(sizes(List.of(decision(1, midnight.minusMillis(2), "{}", null),
                decision(2, midnight.minusMillis(1), "{}", null), decision(3, midnight, "{}", null))))
                .containsExactly(2, 1);
    }

    @Test
    void reportsCorruptContent() {
        byte[] content = DecisionBlock.encode(List.of(decision(1, NOON, "{\"name\":\"Kreuzwertheim\"}", "{}"),
                decision(2, NOON, "{\"name\":\"Kreuzwertheim\"}", "{}")));
        for (int i = 0; i < content.length; i++) {
            byte[] cut = Arrays.copyOf(content, i);
            byte[] changed = content.clone();
            changed[i] ^= 0x55;
            for (byte[] corrupt : List.of(cut, changed)) {
                assertThatThrownBy(() -> DecisionBlock.decode(corrupt)).as("byte %d", i)
                        .isInstanceOf(DecisionBlock.CorruptException.class).hasMessageNotContaining("Kreuz");
            }
        }
    }
}
