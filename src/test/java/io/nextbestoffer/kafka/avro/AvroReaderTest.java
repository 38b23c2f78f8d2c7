package io.nextbestoffer.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AvroReaderTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    {"type":"int","logicalType":"date"} | d8b402 | "2024-02-03"
                    {"type":"int","logicalType":"time-millis"} | d00f | "00:00:01"
                    {"type":"long","logicalType":"time-micros"} | 80897a | "00:00:01"
                    {"type":"long","logicalType":"timestamp-millis"} | d20f | "1970-01-01T00:00:01.001Z"
                    {"type":"long","logicalType":"timestamp-micros"} | 82897a | "1970-01-01T00:00:01.000001Z"
                    {"type":"long","logicalType":"local-timestamp-millis"} | d20f | "1970-01-01T00:00:01.001"
                    {"type":"long","logicalType":"timestamp-millis",\
                    "connect.name":"org.apache.kafka.connect.data.Timestamp"} | d20f | 1001
                    {"type":"long","connect.name":"io.debezium.time.MicroTimestamp"} | d20f | 1001
                    {"type":"int","connect.name":"io.debezium.time.Date"} | d20f | 1001
                    {"type":"bytes","logicalType":"decimal","precision":10,"scale":2} | 040159 | 3.45
                    {"type":"bytes","logicalType":"decimal","precision":10,"scale":0} | 040159 | 345
                    {"type":"bytes","logicalType":"decimal","precision":10,"scale":0,\
                    "connect.name":"org.apache.kafka.connect.data.Decimal"} | 02ff | -1
                    {"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":4,"scale":1} | 0159 | 34.5
                    {"type":"fixed","name":"U","size":16,"logicalType":"uuid"} |\
                     00112233445566778899aabbccddeeff | "00112233-4455-6677-8899-aabbccddeeff"
                    {"type":"bytes"}                                                  | 040159 | "AVk="
                    {"type":"fixed","name":"F","size":2}                              | 0159   | "AVk="
                    {"type":"enum","name":"E","symbols":["web","app"]}                | 02     | "app"
                    ["null","int"]                                                    | 00     | null
                    ["null","int"]                                                    | 0203   | -2
                    "float"                                                           | 6666663f | 0.9
                    "boolean"                                                         | 01     | true
                    {"type":"array","items":["null","long"]}                          | 0400020200 | [null,1]
                    {"type":"array","items":"long"}                                   | 03040204 00 | [1,2]
                    {"type":"map","values":"long"}                                    | 02 02 41 04 00 | {"A":2}
                    """)
    void readsValuesAsInJson(String type, String hex, String json) {
        Attributes read = read(
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"X\",\"type\":" + type + "}]}",
                hex);

        assertThat(read).isEqualTo(JsonReader.object(JsonReader.utf8("{\"x\":" + json + "}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "string"                                | feffffffffffffffff01   | impossible length
            "string"                                | 0141                   | impossible length
            "string"                                | 0441                   | ends too early
            "string"                                | 02ff                   | not in UTF-8
            "string"                                | 0200                   | NUL
            "long"                                  | ffffffffffffffffffff01 | invalid Avro
            "long"                                  | ''                     | ends too early
            "long"                                  | 0200                   | followed by other content
            ["null","long"]                         | 04                     | none of its types
            ["null","long"]                         | 01                     | none of its types
            {"type":"enum","name":"E","symbols":["A"]} | 02                  | none of its symbols
            {"type":"array","items":"null"}         | 80808080808080808001   | invalid Avro
            {"type":"array","items":"null"}         | 8080808004 00          | more than 65536 values
            {"type":"map","values":"null"}          | 04 02 41 02 41 00      | occurs twice
            "double"                                | 000000000000f07f       | out of range
            "float"                                 | 0000c07f               | out of range
            {"type":"int","logicalType":"time-millis"} | 01                  | not a time of day
            {"type":"fixed","name":"F","size":1000} | 00                     | ends too early
            """)
    void rejectsHostileBytes(String type, String hex, String reason) {
        assertThatThrownBy(() -> read(
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":" + type + "}]}", hex))
                .isInstanceOf(InvalidInputException.class).hasMessageContaining(reason);
    }

    @Test
    void limitsRecordsThatContainThemselves() {
        String schema = """
                {"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}""";

        assertThat(read(schema, "020200").get("next")).isEqualTo(mapOf("next", mapOf("next", null)));
        assertThatThrownBy(() -> read(schema, "02".repeat(100_000) + "00"))
                .hasMessageContaining("nested objects and lists");
        // A record of this schema takes no bytes at all
        String endless = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"next\",\"type\":\"R\"}]}";
        assertThatThrownBy(() -> read(endless, "")).hasMessageContaining("nested objects and lists");
    }

    @Test
    void rejectsDuplicateNamesOfARecord() {
        String schema = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},"
                + "{\"name\":\"A\",\"type\":\"int\"}]}";

        assertThatThrownBy(() -> read(schema, "0202")).hasMessage("field a occurs twice");
    }

    @Test
    void readsAnyTypeAsValueAndRecordsAsDocuments() {
        var reader = new AvroReader(Schema.create(Schema.Type.STRING));

        assertThat(reader.value(HexFormat.of().parseHex("0441 42".replace(" ", "")), 0)).isEqualTo("AB");
        assertThatThrownBy(() -> reader.object(new byte[]{2, 65}, 0)).hasMessage("the schema is not a record schema");
    }

    /** Any document has the same result in Avro as in JSON. */
    @Property(tries = 500)
    void readsTheSameFromAvroAsFromJson(@ForAll("documents") Map<String, Object> document) throws IOException {
        Schema schema = schema(document, new int[]{0});
        byte[] bytes = write(schema, document);

        Attributes read = new AvroReader(schema).object(bytes, 0);

        assertThat(read).isEqualTo(JsonReader.object(JsonWriter.utf8(Attributes.of(document)::writeTo)));
    }

    /** Damaged records are read or rejected. */
    @Property(tries = 1000)
    void readsOrRejectsAnyBytes(@ForAll("documents") Map<String, Object> document, @ForAll byte[] damage,
            @ForAll int where) throws IOException {
        Schema schema = schema(document, new int[]{0});
        byte[] bytes = write(schema, document);
        for (int i = 0; i < damage.length && bytes.length > 0; i++) {
            bytes[Math.floorMod(where + i, bytes.length)] = damage[i];
        }
        try {
            Attributes read = new AvroReader(schema).object(bytes, 0);
            assertThat(JsonReader.object(JsonWriter.utf8(read::writeTo))).hasSameHashCodeAs(read);
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageNotContaining("Exception:");
        }
    }

    @Provide
    Arbitrary<Map<String, Object>> documents() {
        Arbitrary<Object> scalars = Arbitraries.oneOf(Arbitraries.longs().map(number -> (Object) number),
                Arbitraries.doubles().map(number -> (Object) number),
                Arbitraries.of(true, false).map(value -> (Object) value),
                Arbitraries.strings().ofMaxLength(20).map(AvroReaderTest::storable), Arbitraries.just(NOTHING));
        Arbitrary<Object> nested = Arbitraries.lazyOf(() -> scalars,
                () -> documents(scalars).map(map -> (Object) map),
                () -> Arbitraries.longs().list().ofMaxSize(5).map(list -> (Object) list));
        return documents(nested);
    }

    private static final Object NOTHING = new Object();

    private static Arbitrary<Map<String, Object>> documents(Arbitrary<Object> values) {
        return Arbitraries.maps(Arbitraries.strings().withCharRange('a', 'z').ofMinLength(1).ofMaxLength(6), values)
                .ofMaxSize(8).map(map -> {
                    Map<String, Object> document = new LinkedHashMap<>();
                    map.forEach((name, value) -> document.put(name, value == NOTHING ? null : value));
                    return document;
                });
    }

    private static String storable(String text) {
        return new String(text.replace("\0", "").getBytes(StandardCharsets.UTF_8),
                StandardCharsets.UTF_8);
    }

    private static Schema schema(Object value, int[] records) {
        if (value instanceof Map<?, ?> map) {
            List<Schema.Field> fields = new ArrayList<>();
            map.forEach((name, field) -> fields.add(new Schema.Field((String) name,
                    Schema.createUnion(Schema.create(Schema.Type.NULL), schema(field, records)))));
            return Schema.createRecord("R" + records[0]++, null, null, false, fields);
        }
        if (value instanceof List<?>) {
            return Schema.createArray(Schema.create(Schema.Type.LONG));
        }
        return Schema.create(value instanceof Long
                ? Schema.Type.LONG
                : value instanceof Double
                        ? Schema.Type.DOUBLE
                        : value instanceof Boolean ? Schema.Type.BOOLEAN : Schema.Type.STRING);
    }

    private static Object generic(Schema schema, Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Schema of = schema.isUnion() ? schema.getTypes().get(1) : schema;
        var record = new GenericData.Record(of);
        map.forEach((name, field) -> record.put((String) name, generic(of.getField((String) name).schema(), field)));
        return record;
    }

    private static byte[] write(Schema schema, Object value) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<Object>(schema).write(generic(schema, value), encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static Map<String, Object> mapOf(String name, Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(name, value);
        return map;
    }

    private static Attributes read(String schema, String hex) {
        return new AvroReader(new Schema.Parser().parse(schema)).object(HexFormat.of().parseHex(hex.replace(" ", "")),
                0);
    }
}
