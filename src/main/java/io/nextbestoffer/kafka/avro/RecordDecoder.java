package io.nextbestoffer.kafka.avro;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.KeyFormat;

/** Reads keys and values in JSON or Avro, told apart by their first byte. It has all the schemas they need. */
public final class RecordDecoder {

    /** For records of which none is in Avro. */
    public static final RecordDecoder OF_JSON = new RecordDecoder(Map.of());

    /** The longest Avro key that could be an integer of ksqlDB's as well. */
    private static final int LONG_BYTES = 8;

    private final Map<Integer, SchemaCache.Known> schemas;

    RecordDecoder(Map<Integer, SchemaCache.Known> schemas) {
        this.schemas = schemas;
    }

    /** Whether it was made for what these need, among others. */
    public boolean has(SchemaIds needed) {
        return schemas.keySet().containsAll(needed.ids());
    }

    /** Which schemas some records need: only their ids are looked at. */
    public static final class SchemaIds {

        private final Set<Integer> ids = new HashSet<>();

        public void value(byte @Nullable [] value) {
            if (WireFormat.matches(value)) {
                ids.add(WireFormat.schemaId(value));
            }
        }

        public void key(KeyFormat format, byte @Nullable [] key) {
            if (mayBeAvro(format, key)) {
                ids.add(WireFormat.schemaId(key));
            }
        }

        Set<Integer> ids() {
            return ids;
        }
    }

    /**
     * @return the document's fields, names in lower case
     * @throws InvalidInputException if it is neither exactly one JSON object nor exactly one Avro record
     */
    public Attributes object(byte @Nullable [] value) {
        return WireFormat.matches(value)
                ? schema(value).reader().object(value, WireFormat.HEADER)
                : JsonReader.object(value);
    }

    /**
     * The id in a record's key.
     *
     * @param field that holds it where the key is an object, in lower case
     * @return null if there is no key
     * @throws InvalidInputException if the key can't be read
     */
    public @Nullable Id key(KeyFormat format, byte @Nullable [] key, String field) {
        if (!mayBeAvro(format, key)) {
            return format.read(key, field);
        }
        if (format == KeyFormat.AUTO && key.length == LONG_BYTES) {
            try {
                return avroKey(key, field);
            } catch (InvalidInputException e) {
                return format.read(key, field);
            }
        }
        return avroKey(key, field);
    }

    private Id avroKey(byte[] key, String field) {
        Object value = schema(key).reader().value(key, WireFormat.HEADER);
        if (value instanceof Map<?, ?> object) {
            value = JsonReader.attributes(object).get(field);
            if (value == null) {
                throw new InvalidInputException("key has no field " + field);
            }
            return Id.of("key field " + field, value);
        }
        if (value == null) {
            throw new InvalidInputException("key is null");
        }
        return Id.of("key", value);
    }

    private SchemaCache.Known.Usable schema(byte[] bytes) {
        int id = WireFormat.schemaId(bytes);
        SchemaCache.Known known = schemas.get(id);
        if (known instanceof SchemaCache.Known.Usable usable) {
            return usable;
        }
        throw new InvalidInputException(known instanceof SchemaCache.Known.Unusable not
                ? not.reason()
                : "begins with byte 0: not JSON in UTF-8, and no schema registry is configured to read Avro"
                        + " (nbo.registry.url)");
    }

    /** Text has no byte 0, and an integer of 4 bytes is too short. */
    private static boolean mayBeAvro(KeyFormat format, byte @Nullable [] key) {
        return key != null && key.length > WireFormat.HEADER && key[0] == 0
                && (format == KeyFormat.AVRO || format == KeyFormat.AUTO);
    }
}
