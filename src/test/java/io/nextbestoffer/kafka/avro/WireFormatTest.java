package io.nextbestoffer.kafka.avro;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WireFormatTest {

    @Test
    void recognizesTheFormatByFirstByteAndLength() {
        assertThat(WireFormat.matches(new byte[]{0, 0, 0, 0, 1, 2})).isTrue();
        assertThat(WireFormat.matches(new byte[]{0, 0, 0, 0, 1})).isTrue();
        assertThat(WireFormat.matches(new byte[]{0, 0, 0, 0})).isFalse();
        assertThat(WireFormat.matches(utf8("{\"a\":1}"))).isFalse();
        assertThat(WireFormat.matches(new byte[0])).isFalse();
        assertThat(WireFormat.matches(null)).isFalse();
    }
}
