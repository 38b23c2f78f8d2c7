package io.nextbestoffer.decision.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.JsonReader;

class OfferAvroConverterTest {

    private static final String COMMON = "\"decision_id\":\"09cffb98-2193-5f1a-a0bf-ef0f348ca461\","
            + "\"strategy\":\"banking\",\"strategy_version\":1,\"rule\":\"otherwise\",\"catalog_revision\":3,";
    private static final String TIMES = "\"activity_time\":\"2026-11-21T09:05:01.234Z\","
            + "\"decided_at\":\"2026-11-21T09:05:01Z\"";

    private final OfferAvroConverter schema = OfferAvroConverter.load();

    @Test
    void writesDocumentedAttributesToFields() {
        GenericRecord record = record("{\"activity_id\":10,\"customer_id\":\"C1\",\"offer_id\":1,\"offer_name\":\"n\","
                + "\"offer_url\":\"u\",\"propensity_to_buy\":1,\"activity_type\":\"deposit\",\"income\":403646,"
                + "\"fico\":465.5," + COMMON + TIMES + "}");

        assertThat(GenericData.get().validate(schema.avro(), record)).isTrue();
        assertThat(record.get("customer_id")).isEqualTo("C1");
        assertThat(record.get("propensity_to_buy")).isEqualTo(1.0);
        assertThat(record.get("income")).isEqualTo(403646L);
        assertThat(record.get("fico")).isEqualTo(465.5);
        assertThat(record.get("activity_time")).isEqualTo(1795251901234L);
        assertThat(record.get("attributes")).isEqualTo(Map.of());
        assertThat(record.get("alternatives")).isEqualTo(List.of());
    }

    @Test
    void writesOtherAttributesToTheMap() {
        GenericRecord record = record("{\"activity_id\":10,\"customer_id\":1,\"offer_id\":1,\"offer_name\":\"n\","
                + "\"offer_url\":\"u\",\"income\":\"high\",\"vip\":true,"
                + "\"products\":[\"a\",\"b\"],\"age\":44,\"churn\":0.5,"
                + "\"nothing\":null," + COMMON + TIMES + "}");

        assertThat(GenericData.get().validate(schema.avro(), record)).isTrue();
        assertThat(record.get("income")).isNull();
        assertThat(record.get("attributes")).isEqualTo(Map.of("income", "high", "vip", true, "products",
                List.of("a", "b"), "age", 44L, "churn", 0.5));
    }

    @Test
    void writesARanking() {
        GenericRecord record = record("{\"activity_id\":10,\"customer_id\":1,\"offer_id\":\"a\",\"offer_name\":\"n\","
                + "\"offer_url\":\"u\"," + COMMON
                + "\"score\":80,\"alternatives\":[{\"offer_id\":\"b\",\"offer_name\":\"m\","
                + "\"score\":79.5}]," + TIMES + "}");

        assertThat(GenericData.get().validate(schema.avro(), record)).isTrue();
        assertThat(record.get("score")).isEqualTo(80.0);
        assertThat(((GenericRecord) ((List<?>) record.get("alternatives")).get(0)).get("score")).isEqualTo(79.5);
    }

    @Test
    void rejectsAnAttributeOfAnotherTypeByName() {
        assertThatThrownBy(() -> record("{\"x\":{\"y\":1}}")).hasMessageStartingWith("x can't be written in Avro");
    }

    /** An offer read from Avro equals the JSON that the service writes, with its fields in the same order. */
    @Test
    void convertsBackToTheSameJson() {
        var fields = new Attributes.Builder().add("activity_id", 10L).add("propensity_to_buy", null)
                .add("attributes", Map.of("Churn", 0.5)).add("score", null).add("alternatives", List.of());

        Attributes read = OfferAvroConverter.offer(fields.build());

        assertThat(read).isEqualTo(new Attributes.Builder().add("activity_id", 10L).add("churn", 0.5).build());
    }

    /** Later schema versions that drop or add a field need its default. */
    @Test
    void givesOptionalFieldsADefault() {
        Set<String> optional = schema.avro().getFields().stream().filter(Schema.Field::hasDefaultValue)
                .map(Schema.Field::name).collect(Collectors.toSet());

        assertThat(schema.avro().getObjectProp("version").toString()).as("version in the header of the records")
                .isEqualTo(new String(OfferHeaders.VERSION.value(), StandardCharsets.UTF_8));
        assertThat(optional).containsExactlyInAnyOrder("propensity_to_buy", "activity_type", "income", "fico",
                "attributes", "score", "alternatives");
        assertThat(schema.avro().getFields()).allSatisfy(field -> assertThat(field.doc()).isNotBlank());
    }

    private GenericRecord record(String json) {
        return schema.record(JsonReader.object(JsonReader.utf8(json)));
    }
}
