package io.nextbestoffer.offer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Attributes;

class OfferAttributesTest {

    private final List<String> ignored = new ArrayList<>();

    private Attributes stored(String json) {
        return OfferAttributes.parseStored(json, (name, message) -> ignored.add(name));
    }

    @Test
    void ignoresInvalidAttributes() {
        Attributes attributes = stored("""
                {"rate": 1.5, "Rate": 2, "0": 3, "nested": {}, "mixed": ["a", 1], "nothing": null, "tags": ["a"]}""");

        assertThat(attributes.asMap()).isEqualTo(Map.of("rate", 1.5, "tags", List.of("a")));
        assertThat(ignored).containsExactly("Rate", "0", "nested", "mixed", "nothing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "\"rate\"", "{\"a\":1,\"a\":2}", "{\"a\":1e999}", "{\"a\":\"\\u0000\"}"})
    void readsInvalidJsonAsNoAttributes(String json) {
        assertThat(stored(json)).isEqualTo(Attributes.NONE);
        assertThat(ignored).containsExactly("");
    }
}
