package io.nextbestoffer.attribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

class JsonEncoderTest {

    private final JsonEncoder encoder = new JsonEncoder();

    private String write(String text) {
        return new String(encoder.utf8(json -> {
            json.writeStartObject();
            json.writeStringField("text", text);
            json.writeEndObject();
        }), StandardCharsets.UTF_8);
    }

    @Test
    void writesSeveralDocuments() {
        assertThat(write("é✓")).isEqualTo("{\"text\":\"é✓\"}");
        assertThat(write("x".repeat(50_000))).hasSize(50_011);
        assertThat(write("")).isEqualTo("{\"text\":\"\"}");
    }

    @Test
    void recoversFromADocumentThatFailed() {
        assertThatThrownBy(() -> encoder.utf8(json -> {
            json.writeStartObject();
            json.writeStringField("half", "written");
            throw new IllegalStateException("failed");
        })).isInstanceOf(IllegalStateException.class);

        assertThat(write("whole")).isEqualTo("{\"text\":\"whole\"}");
    }
}
