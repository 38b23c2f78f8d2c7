package io.nextbestoffer.decision.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * Converts offers from JSON to Avro by {@code offer.avsc}, and back. Attributes without a field of their own go to a
 * map in the schema, because strategies define which attributes an offer has.
 */
final class OfferAvroConverter {

    private static final String ATTRIBUTES = "attributes";
    private static final String RESOURCE = "/avro/offer.avsc";

    private final Schema schema;

    private OfferAvroConverter(Schema schema) {
        this.schema = schema;
    }

    static OfferAvroConverter load() {
        try (InputStream in = OfferAvroConverter.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            return new OfferAvroConverter(new Schema.Parser().parse(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Schema avro() {
        return schema;
    }

    /** Converts to Avro. @throws InvalidInputException if an attribute has a type that the schema can't hold */
    GenericRecord record(Attributes offer) {
        var record = new GenericData.Record(schema);
        Map<String, Object> others = new LinkedHashMap<>();
        for (Schema.Field field : schema.getFields()) {
            if (field.hasDefaultValue() && !field.name().equals(ATTRIBUTES)) {
                record.put(field.pos(), field.name().equals("alternatives") ? List.of() : null);
            }
        }
        Schema anyType = schema.getField(ATTRIBUTES).schema().getValueType();
        offer.forEach((name, value) -> {
            Schema.Field field = schema.getField(name);
            if (value == null) {
                return;
            }
            Object fitting = field == null || name.equals(ATTRIBUTES) ? null : fit(field.schema(), value);
            if (fitting != null) {
                record.put(field.pos(), fitting);
                return;
            }
            Object kept = fit(anyType, value);
            if (kept == null) {
                throw new InvalidInputException(name + " can't be written in Avro: the schema has no type for it");
            }
            others.put(name, kept);
        });
        record.put(ATTRIBUTES, others);
        return record;
    }

    /** Converts a value to a type of the schema. @return null if it has another type */
    private static @Nullable Object fit(Schema type, Object value) {
        return switch (type.getType()) {
            case UNION -> {
                for (Schema branch : type.getTypes()) {
                    Object fitting = fit(branch, value);
                    if (fitting != null) {
                        yield fitting;
                    }
                }
                yield null;
            }
            case BOOLEAN -> value instanceof Boolean ? value : null;
            case INT -> value instanceof Long number ? (Object) Math.toIntExact(number) : null;
            case LONG -> type.getLogicalType() instanceof LogicalTypes.TimestampMillis
                    ? (Object) Instant.parse((String) value).toEpochMilli()
                    : value instanceof Long ? value : null;
            case DOUBLE -> value instanceof Long number
                    ? (Object) number.doubleValue()
                    : value instanceof Double ? value : null;
            case STRING -> value instanceof String ? value : null;
            case ARRAY -> value instanceof List<?> list ? list(type.getElementType(), list) : null;
            case RECORD -> value instanceof Map<?, ?> map ? nested(type, map) : null;
            default -> null;
        };
    }

    private static @Nullable List<Object> list(Schema type, List<?> values) {
        List<Object> list = new ArrayList<>();
        for (Object value : values) {
            Object fitting = value == null ? null : fit(type, value);
            if (fitting == null) {
                return null;
            }
            list.add(fitting);
        }
        return list;
    }

    private static GenericRecord nested(Schema type, Map<?, ?> values) {
        var record = new GenericData.Record(type);
        for (Schema.Field field : type.getFields()) {
            record.put(field.pos(), fit(field.schema(), values.get(field.name())));
        }
        return record;
    }

    /** Converts to JSON, with the fields in the same order and without nulls. */
    static Attributes offer(Attributes record) {
        var offer = new Attributes.Builder();
        BiConsumer<String, @Nullable Object> add = offer::add;
        boolean ranked = record.get("score") != null;
        record.forEach((name, value) -> {
            if (name.equals(ATTRIBUTES) && value instanceof Map<?, ?> rest) {
                JsonReader.attributes(rest).forEach(add);
            } else if (value != null && (ranked || !name.equals("alternatives"))) {
                add.accept(name, value);
            }
        });
        return offer.build();
    }
}
