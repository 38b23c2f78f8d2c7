package io.nextbestoffer.customer;

import static io.nextbestoffer.attribute.JsonReader.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Checks that no other tool's envelope is stored as a profile, and that every plain row is. */
class ForeignShapesPropertiesTest {

    private static final RecordPosition POSITION = new RecordPosition(new UUID(1, 2), 3, 4);
    private static final ChangeCodec CODEC = ChangeCodecTest.codec("customer_id", KeyFormat.AUTO, null);
    private static final byte[] KEY = utf8("{\"customer_id\":911}");
    private static final String ROW = "{\"customer_id\":911,\"income\":1}";

    /** Sets of fields, each of which is enough to identify an envelope. */
    private static final List<Map<String, List<String>>> MARKS = List.of(
            Map.of("op", List.of("\"c\"", "\"u\"", "\"d\"", "\"+I\"", "\"insert\"", "1", "null")),
            Map.of("before", List.of("null", ROW)),
            Map.of("after", List.of("null", ROW)),
            Map.of("before", List.of("null", ROW), "after", List.of("null", ROW)),
            Map.of("source", List.of("{}", "{\"table\":\"customers\"}")),
            Map.of("payload", List.of("null", ROW, "[" + ROW + "]", "{\"before\":null,\"after\":" + ROW + "}")),
            Map.of("schema", List.of("{}", "{\"type\":\"struct\"}"), "payload", List.of("{\"after\":" + ROW + "}")),
            Map.of("specversion", List.of("\"1.0\"", "1.0", "null")),
            Map.of("specversion", List.of("\"1.0\""), "type", List.of("\"x\""), "data", List.of(ROW, "null")),
            Map.of("data", List.of(ROW, "null"), "metadata", List.of("{}", "{\"operation\":\"delete\"}")),
            Map.of("type", List.of("\"insert\"", "\"UPDATE\"", "\"delete\"", "\"x\""), "data",
                    List.of(ROW, "[" + ROW + "]"),
                    "old", List.of("null", "{}", "[{}]")),
            Map.of("type", List.of("\"insert\"", "\"DELETE\""), "data", List.of(ROW, "[" + ROW + "]", "null")),
            Map.of("change", List.of("[]", "[{\"kind\":\"insert\"}]")),
            Map.of("action", List.of("\"I\"", "\"D\""), "table", List.of("\"customers\""), "columns", List.of("[]")),
            Map.of("op_type", List.of("\"I\"", "\"D\"")),
            Map.of("record", List.of(ROW), "type", List.of("\"RECORD\"")),
            Map.of("iodebeziumop", List.of("\"u\"")));

    private static final Map<String, List<String>> COLUMNS = new LinkedHashMap<>(Map.of(
            "customer_id", List.of("911"), "income", List.of("1", "130000.5", "null"),
            "type", List.of("\"private\"", "\"C\"", "7", "null"), "data", List.of("\"x\"", "\"{}\"", "null"),
            "source", List.of("\"web\"", "3", "null"), "status", List.of("\"active\"", "true"),
            "schema", List.of("\"a\"", "null"), "message", List.of("\"hello\""),
            "tags", List.of("[]", "[\"op\",\"after\"]"), "address", List.of("{\"city\":\"x\",\"op\":\"c\"}", "null")));
    static {
        COLUMNS.put("action", List.of("\"call\"", "null"));
        COLUMNS.put("key", List.of("\"k\"", "5"));
        COLUMNS.put("metadata", List.of("\"{}\"", "null"));
    }

    @Property(tries = 5_000)
    void storesNoForeignEnvelope(@ForAll("envelopes") Map<String, String> fields) {
        if (isSupported(fields)) {
            return;
        }

        CustomerChange change;
        try {
            change = CODEC.read(RecordDecoder.JSON_ONLY, KEY, utf8(json(fields)), POSITION);
        } catch (InvalidInputException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return;
        }
        assertThat(change).as(json(fields)).isNotInstanceOf(CustomerChange.Stored.class);
    }

    @Property(tries = 3_000)
    void storesEveryPlainRow(@ForAll("rows") Map<String, String> fields) {
        assertThat(CODEC.read(RecordDecoder.JSON_ONLY, KEY, utf8(json(fields)), POSITION)).as(json(fields))
                .isInstanceOf(CustomerChange.Stored.class);
    }

    /**
     * Whether the service reads this shape: Debezium's envelope, Kafka Connect's wrapping, or Debezium's CloudEvent.
     */
    private static boolean isSupported(Map<String, String> fields) {
        boolean envelope = fields.getOrDefault("op", "").startsWith("\"")
                && List.of("before", "after", "source").stream()
                        .anyMatch(name -> fields.getOrDefault(name, "").startsWith("{"));
        boolean wrapped = fields.keySet().equals(Set.of("schema", "payload"))
                && fields.get("payload").equals(ROW)
                || fields.keySet().equals(Set.of("payload")) && fields.get("payload").equals(ROW);
        return envelope || wrapped || fields.containsKey("specversion") && fields.containsKey("iodebeziumop");
    }

    private static String json(Map<String, String> fields) {
        return fields.entrySet().stream().map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Provide
    Arbitrary<Map<String, String>> envelopes() {
        return Combinators.combine(rows(), Arbitraries.of(MARKS).flatMap(ForeignShapesPropertiesTest::fields),
                Arbitraries.of(true, false)).as((row, mark, alone) -> {
                    Map<String, String> both = new LinkedHashMap<>(alone ? Map.of() : row);
                    both.putAll(mark);
                    return both;
                });
    }

    @Provide
    Arbitrary<Map<String, String>> rows() {
        return Arbitraries.of(COLUMNS.keySet()).set().ofMaxSize(6).flatMap(names -> {
            Map<String, List<String>> columns = new LinkedHashMap<>();
            names.forEach(name -> columns.put(name, COLUMNS.get(name)));
            return fields(columns);
        });
    }

    private static Arbitrary<Map<String, String>> fields(Map<String, List<String>> values) {
        var names = new ArrayList<>(values.keySet());
        return Combinators.combine(names.stream().map(name -> Arbitraries.of(values.get(name))).toList())
                .as(chosen -> {
                    Map<String, String> fields = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        fields.put(names.get(i), chosen.get(i));
                    }
                    return fields;
                });
    }
}
