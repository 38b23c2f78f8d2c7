package io.nextbestoffer.attribute;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonGenerator;

/**
 * Named values in the order of the document. Names are lower case. A value is a {@link String}, {@link Long},
 * {@link Double}, {@link Boolean}, a {@link List} or {@link Map} of such values, or null.
 * <p>
 * Stored as two arrays: a row has about ten attributes, and a million rows must fit in memory.
 */
public final class Attributes {

    public static final Attributes NONE = new Attributes(new String[0], new Object[0]);

    private final String[] names;
    private final @Nullable Object[] values;

    private Attributes(String[] names, @Nullable Object[] values) {
        this.names = names;
        this.values = values;
    }

    public static Attributes of(Map<String, ?> map) {
        var builder = new Builder();
        map.forEach(builder::add);
        return builder.build();
    }

    /** The value, or null if it is null or absent. */
    public @Nullable Object get(String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return values[i];
            }
        }
        return null;
    }

    public boolean contains(String name) {
        return Arrays.asList(names).contains(name);
    }

    /** Whether one of the names matches. */
    public boolean anyName(Predicate<String> condition) {
        for (String name : names) {
            if (condition.test(name)) {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    public int size() {
        return names.length;
    }

    public void forEach(BiConsumer<String, @Nullable Object> consumer) {
        for (int i = 0; i < names.length; i++) {
            consumer.accept(names[i], values[i]);
        }
    }

    /** A map in the same order; values may be null. */
    public Map<String, @Nullable Object> asMap() {
        var map = new LinkedHashMap<String, @Nullable Object>();
        forEach(map::put);
        return map;
    }

    public Attributes filter(Predicate<String> keep) {
        var builder = new Builder();
        forEach((name, value) -> {
            if (keep.test(name)) {
                builder.add(name, value);
            }
        });
        return builder.build();
    }

    /** Writes an object. */
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        writeFieldsTo(json);
        json.writeEndObject();
    }

    /** Writes the fields into the object that the generator has open. */
    public void writeFieldsTo(JsonGenerator json) throws IOException {
        for (int i = 0; i < names.length; i++) {
            json.writeFieldName(names[i]);
            writeValue(json, values[i]);
        }
    }

    public static void writeValue(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof String text) {
            json.writeString(text);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof Id id) {
            id.writeTo(json);
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                writeValue(json, element);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (var entry : map.entrySet()) {
                json.writeFieldName((String) entry.getKey());
                writeValue(json, entry.getValue());
            }
            json.writeEndObject();
        } else {
            throw new IllegalArgumentException("not an attribute value: " + value.getClass());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes that && Arrays.equals(names, that.names)
                && Arrays.deepEquals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(names) + Arrays.deepHashCode(values);
    }

    /** Contains names only: values are personal data, and this text may be logged. */
    @Override
    public String toString() {
        return "Attributes" + Arrays.toString(names);
    }

    public static final class Builder {

        private final ArrayList<String> names = new ArrayList<>(12);
        private final ArrayList<@Nullable Object> values = new ArrayList<>(12);

        /** @throws InvalidInputException if the name was added before */
        public Builder add(String name, @Nullable Object value) {
            Objects.requireNonNull(name);
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).equals(name)) {
                    throw new InvalidInputException("field " + name + " occurs twice");
                }
            }
            names.add(name);
            values.add(value);
            return this;
        }

        public Attributes build() {
            return names.isEmpty() ? NONE : new Attributes(names.toArray(String[]::new), values.toArray());
        }
    }
}
