package io.nextbestoffer.customer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class UnavailableValueTest {

    private static final String TEXT = "__debezium_unavailable_value";

    private final UnavailableValue unavailable = new UnavailableValue(TEXT);

    /** The placeholders that Debezium 3.4.3 writes, from its class {@code UnchangedToastedPlaceholder}. */
    @Test
    void matchesThePlaceholderOfEachType() {
        List<Long> numbers = TEXT.chars().mapToObj(c -> (long) c).toList();

        assertThat(List.of(TEXT, "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
                "5f5f646562657a69756d5f756e617661696c61626c655f76616c7565", List.of(TEXT), numbers,
                numbers.stream().map(Long::doubleValue).toList(), List.of("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="),
                List.of("b68a35a7-17ad-35b3-af2a-ae46edb4545a"), Map.of(TEXT, TEXT),
                "{\"" + TEXT + "\":\"" + TEXT + "\"}")).allMatch(unavailable::matches);
    }

    @Test
    void matchesNoOtherValue() {
        assertThat(IntStream.range(0, TEXT.length()).mapToObj(i -> (Object) (long) i).toList())
                .satisfies(list -> assertThat(unavailable.matches(list)).isFalse());
        assertThat(List.of("", "unavailable", TEXT + " ", 1L, 0.5, true, List.of(), List.of("a"), List.of(TEXT, TEXT),
                List.of(1L), Map.of(), Map.of(TEXT, "x"), Map.of("x", TEXT))).noneMatch(unavailable::matches);
        assertThat(unavailable.matches(null)).isFalse();
    }

    @Test
    void readsBytesInHex() {
        var bytes = new UnavailableValue("hex:00ff");

        assertThat(bytes.matches("AP8=")).isTrue();
        assertThat(bytes.matches("00ff")).isTrue();
        assertThat(bytes.matches(List.of(0L, -1L))).isTrue();
    }
}
