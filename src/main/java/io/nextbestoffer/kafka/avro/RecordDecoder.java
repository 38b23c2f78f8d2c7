package io.nextbestoffer.kafka.avro;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.KeyFormat;

/**
 * Reads keys and values in JSON, Avro, or Confluent's JSON with a schema id. The first byte shows the format. The
 * decoder holds all schemas that its records need.
 */
public final class RecordDecoder {

    /** For records without a schema id. */
    public static final RecordDecoder JSON_ONLY = new RecordDecoder(Map.of());

    /** Length of a key that can be either an integer of ksqlDB or Avro with a schema id. */
    private static final int LONG_BYTES = 8;

    private final Map<Integer, SchemaCache.Known> schemas;

    RecordDecoder(Map<Integer, SchemaCache.Known> schemas) {
        this.schemas = schemas;
    }

    /** Whether the decoder was made for these schemas, among others. */
    public boolean covers(SchemaIds ids) {
        return schemas.keySet().containsAll(ids.ids());
    }

    /** The ids of the schemas that some records need; collecting them decodes nothing. */
    public static final class SchemaIds {

        private final Set<Integer> ids = new HashSet<>();

        public void addValue(byte @Nullable [] value) {
            if (WireFormat.matches(value)) {
                ids.add(WireFormat.schemaId(value));
            }
        }

        public void addKey(KeyFormat format, byte @Nullable [] key) {
            if (mayHaveSchema(format, key)) {
                ids.add(WireFormat.schemaId(key));
            }
        }

        Set<Integer> ids() {
            return ids;
        }
    }

    /**
     * @return the document's fields, names in lower case
     * @throws InvalidInputException if the value is neither exactly one JSON object nor exactly one Avro record
     */
    public Attributes object(byte @Nullable [] value) {
        if (!WireFormat.matches(value)) {
            return JsonReader.object(value);
        }
        return hasJsonAfterSchemaId(value)
                ? JsonReader.object(afterSchemaId(value))
                : avro(value).object(value, WireFormat.HEADER);
    }

    /**
     * The id in a record's key.
     *
     * @param field the name of the id where the key is an object, in lower case
     * @return null if there is no key
     * @throws InvalidInputException if the key can't be read
     */
    public @Nullable Id key(KeyFormat format, byte @Nullable [] key, String field) {
        if (!mayHaveSchema(format, key)) {
            return format.read(key, field);
        }
        if (format == KeyFormat.AUTO && key.length == LONG_BYTES) {
            try {
                return KeyFormat.id(keyWithSchema(key), field);
            } catch (InvalidInputException e) {
                return format.read(key, field);
            }
        }
        return KeyFormat.id(keyWithSchema(key), field);
    }

    /**
     * Returns the columns of a composite key. Cheap for the usual key with one column.
     *
     * @return names in lower case; null for any other key, including one that can't be read
     * @throws InvalidInputException if the names of two columns differ only in case, or if the key is a Kafka Connect
     *     Struct written as text
     */
    public @Nullable Attributes compositeKey(KeyFormat format, byte @Nullable [] key) {
        Map<?, ?> columns = mayHaveSchema(format, key) ? columnsWithSchema(key) : format.columns(key);
        return columns == null ? null : JsonReader.attributes(columns);
    }

    private @Nullable Map<?, ?> columnsWithSchema(byte[] key) {
        if (schemas.get(WireFormat.schemaId(key)) instanceof SchemaCache.Known.Usable avro
                && !avro.reader().hasSeveralFields()) {
            return null;
        }
        try {
            return keyWithSchema(key) instanceof Map<?, ?> object && object.size() > 1 ? object : null;
        } catch (InvalidInputException e) {
            return null;
        }
    }

    private @Nullable Object keyWithSchema(byte[] key) {
        return hasJsonAfterSchemaId(key)
                ? JsonReader.value(afterSchemaId(key))
                : avro(key).value(key, WireFormat.HEADER);
    }

    /**
     * Whether JSON follows the schema id, according to the registry. If the schema is unknown, braces at both ends
     * decide: Avro is unlikely to have them by chance.
     */
    private boolean hasJsonAfterSchemaId(byte[] bytes) {
        SchemaCache.Known known = schemas.get(WireFormat.schemaId(bytes));
        return known instanceof SchemaCache.Known.Json || known == null && bytes.length > WireFormat.HEADER
                && bytes[WireFormat.HEADER] == '{' && bytes[bytes.length - 1] == '}';
    }

    private static byte[] afterSchemaId(byte[] bytes) {
        return Arrays.copyOfRange(bytes, WireFormat.HEADER, bytes.length);
    }

    private AvroReader avro(byte[] bytes) {
        SchemaCache.Known known = schemas.get(WireFormat.schemaId(bytes));
        if (known instanceof SchemaCache.Known.Usable usable) {
            return usable.reader();
        }
        throw new InvalidInputException(known instanceof SchemaCache.Known.Unusable unusable
                ? unusable.reason()
                : "begins with byte 0: not JSON in UTF-8, and no schema registry is configured to read Avro"
                        + " (nbo.registry.url)");
    }

    /** Whether the key may begin with a schema id: text has no byte 0, and an integer of 4 bytes is too short. */
    private static boolean mayHaveSchema(KeyFormat format, byte @Nullable [] key) {
        return key != null && key.length > WireFormat.HEADER && key[0] == 0
                && (format == KeyFormat.AVRO || format == KeyFormat.AUTO);
    }
}
