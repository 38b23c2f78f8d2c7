package io.nextbestoffer.attribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class AttributesTest {

    private static Attributes.Builder builder() {
        return new Attributes.Builder();
    }

    @Test
    void keepsTheOrder() {
        Attributes attributes = builder().add("z", 1L).add("a", "x").add("m", null).build();

        assertThat(attributes.asMap()).containsExactly(entry("z", 1L), entry("a", "x"), entry("m", null));
        assertThat(attributes.size()).isEqualTo(3);
    }

    @Test
    void distinguishesNullFromAbsent() {
        Attributes attributes = builder().add("a", null).build();

        assertThat(attributes.get("a")).isNull();
        assertThat(attributes.contains("a")).isTrue();
        assertThat(attributes.get("b")).isNull();
        assertThat(attributes.contains("b")).isFalse();
    }

    @Test
    void rejectsADuplicateName() {
        var builder = builder().add("a", 1L);

        assertThatThrownBy(() -> builder.add("a", 1L)).isInstanceOf(InvalidInputException.class)
                .hasMessage("field a occurs twice");
    }

    @Test
    void filtersByName() {
        Attributes attributes = builder().add("a", 1L).add("b", 2L).add("c", null).build();

        assertThat(attributes.filter(name -> !name.equals("a")).asMap())
                .containsExactly(entry("b", 2L), entry("c", null));
        assertThat(attributes.filter(name -> false)).isSameAs(Attributes.NONE);
    }

    @Test
    void comparesNamesValuesAndOrder() {
        Attributes attributes = builder().add("a", List.of(1L)).add("b", 2.0).build();

        assertThat(attributes).isEqualTo(builder().add("a", List.of(1L)).add("b", 2.0).build())
                .hasSameHashCodeAs(builder().add("a", List.of(1L)).add("b", 2.0).build())
                .isNotEqualTo(builder().add("b", 2.0).add("a", List.of(1L)).build())
                .isNotEqualTo(builder().add("a", List.of(1L)).add("b", 2L).build());
    }

    @Test
    void hidesValuesInToString() {
        assertThat(Attributes.of(Map.of("email", "someone@example.com"))).hasToString("Attributes[email]");
    }

    @Test
    void writesEveryKindOfValue() {
        Attributes attributes = builder().add("text", "a\"b").add("long", Long.MAX_VALUE).add("double", 0.1)
                .add("bool", true).add("none", null).add("id", Id.of(7))
                .add("list", Arrays.asList(1L, null, List.of())).add("map", Map.of("A", Map.of())).build();

        assertThat(JsonWriter.text(attributes::writeTo)).isEqualTo("""
                {"text":"a\\"b","long":9223372036854775807,"double":0.1,"bool":true,"none":null,"id":7,\
                "list":[1,null,[]],"map":{"A":{}}}""");
    }

    @Test
    void rejectsValuesOfOtherTypes() {
        Attributes attributes = builder().add("a", BigDecimal.ONE).build();

        assertThatThrownBy(() -> JsonWriter.text(attributes::writeTo)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BigDecimal");
    }

    @Test
    void visitsValuesInOrder() {
        var names = new ArrayList<String>();

        builder().add("b", 1L).add("a", 2L).build().forEach((name, value) -> names.add(name + value));

        assertThat(names).containsExactly("b1", "a2");
    }
}
