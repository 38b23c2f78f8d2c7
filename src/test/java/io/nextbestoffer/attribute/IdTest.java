package io.nextbestoffer.attribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class IdTest {

    @Test
    void equalsTheSameIdAsNumberAndAsText() {
        assertThat(Id.of(1)).isEqualTo(Id.of("1")).hasSameHashCodeAs(Id.of("1")).isNotEqualTo(Id.of("01"));
    }

    @Test
    void isWrittenAsItWasRead() {
        assertThat(json(Id.of("id", 1L))).isEqualTo("1");
        assertThat(json(Id.of("id", "1"))).isEqualTo("\"1\"");
        assertThat(json(Id.of("id", Long.MIN_VALUE))).isEqualTo("-9223372036854775808");
        assertThat(json(Id.of("id", "a\"b"))).isEqualTo("\"a\\\"b\"");
        assertThat(Id.of(1).json()).isEqualTo(1L);
        assertThat(Id.of("1").json()).isEqualTo("1");
    }

    @Property
    void readsAWholeDoubleAsAnInteger(@ForAll @LongRange(min = -(1L << 53) + 1, max = (1L << 53) - 1) long number) {
        Id id = Id.of("id", (double) number);

        assertThat(id).isEqualTo(Id.of(number));
        assertThat(id.number()).isTrue();
    }

    @Test
    void rejectsOtherValues() {
        for (Object value : List.of(1.5, 9007199254740992.0, 1e300, Double.NaN, true, List.of(1L), Map.of("id", 1L))) {
            assertThatThrownBy(() -> Id.of("customer_id", value)).isInstanceOf(InvalidInputException.class)
                    .hasMessage("customer_id must be a string or a whole number");
        }
        assertThatThrownBy(() -> Id.of("customer_id", null)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void limitsLengthTo256Characters() {
        assertThat(Id.of("id", "x".repeat(256)).text()).hasSize(256);
        assertThatThrownBy(() -> Id.of("id", "")).hasMessage("id has 0 characters; an id has 1 to 256");
        assertThatThrownBy(() -> Id.of("id", "x".repeat(257))).hasMessage("id has 257 characters; an id has 1 to 256");
        assertThatThrownBy(() -> Id.of("")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Id.of("x".repeat(257))).isInstanceOf(InvalidInputException.class);
    }

    private static String json(Id id) {
        return JsonWriter.text(id::writeTo);
    }
}
