package io.nextbestoffer.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.KeyFormat;

class RecordDecoderTest {

    private static final Schema KEY = SchemaBuilder.record("Key").fields().requiredInt("CUSTOMER_ID").endRecord();
    private static final RecordDecoder DECODER = new RecordDecoder(
            Map.of(1, new SchemaCache.Known.Usable(new AvroReader(KEY)),
                    2, new SchemaCache.Known.Usable(new AvroReader(Schema.create(Schema.Type.STRING))),
                    3, new SchemaCache.Known.Unusable("the schema registry knows no schema 3")));

    @Test
    void distinguishesJsonFromAvroByTheFirstByte() {
        assertThat(DECODER.object(bytes("000000000106")).get("customer_id")).isEqualTo(3L);
        assertThat(DECODER.object("{\"CUSTOMER_ID\":3}".getBytes()).get("customer_id")).isEqualTo(3L);
        assertThatThrownBy(() -> DECODER.object(bytes("00000000"))).hasMessage("not JSON in UTF-8");
        assertThatThrownBy(() -> DECODER.object(bytes("000000000306")))
                .hasMessage("the schema registry knows no schema 3");
    }

    @Test
    void reportsAMissingRegistry() {
        assertThatThrownBy(() -> RecordDecoder.JSON_ONLY.object(bytes("000000000106"))).hasMessage(
                "begins with byte 0: not JSON in UTF-8, and no schema registry is configured to read Avro"
                        + " (nbo.registry.url)");
        assertThatThrownBy(() -> RecordDecoder.JSON_ONLY.key(KeyFormat.AUTO, bytes("000000000106"), "customer_id"))
                .hasMessageContaining("nbo.registry.url");
    }

    @Test
    void readsAvroKeys() {
        assertThat(key(KeyFormat.AUTO, "000000000106")).isEqualTo(Id.of(3));
        assertThat(key(KeyFormat.AVRO, "000000000206414243")).isEqualTo(Id.of("ABC"));
        assertThatThrownBy(() -> DECODER.key(KeyFormat.AUTO, bytes("000000000106"), "client"))
                .hasMessage("key has no field client");
    }

    /** Eight bytes may be an integer or an Avro key of three bytes: they are Avro if they are exactly one Avro key. */
    @Test
    void distinguishesIntegersOfEightBytesFromAvroKeys() {
        // 100,000 in Avro, with schema 1
        assertThat(key(KeyFormat.AUTO, "0000000001c09a0c")).isEqualTo(Id.of(100_000));
        assertThat(key(KeyFormat.INTEGER, "0000000001c09a0c")).isEqualTo(Id.of(0x1c09a0c));
        assertThat(key(KeyFormat.AUTO, "0000000001000000")).isEqualTo(Id.of(0x1000000));
        assertThat(key(KeyFormat.AUTO, "0000000000000007")).isEqualTo(Id.of(7));
        assertThat(DECODER.key(KeyFormat.AUTO, ByteBuffer.allocate(4).putInt(7).array(), "customer_id"))
                .isEqualTo(Id.of(7));
    }

    @Test
    void collectsIdsOfPossibleSchemasOnly() {
        var needed = new RecordDecoder.SchemaIds();
        needed.addKey(KeyFormat.INTEGER, bytes("0000000001c09a0c"));
        needed.addKey(KeyFormat.TEXT, bytes("0000000001c09a0c"));
        needed.addKey(KeyFormat.AUTO, bytes("00000001"));
        needed.addKey(KeyFormat.AUTO, "{\"a\":1}".getBytes());
        needed.addValue(null);
        needed.addValue("{}".getBytes());
        assertThat(needed.ids()).isEmpty();

        needed.addKey(KeyFormat.AUTO, bytes("000000000106"));
        needed.addValue(bytes("0000000005"));
        assertThat(needed.ids()).containsExactlyInAnyOrder(1, 5);
    }

    private static Id key(KeyFormat format, String hex) {
        return DECODER.key(format, bytes(hex), "customer_id");
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
