package io.nextbestoffer.attribute;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** How a record's key holds the customer's id. */
public enum KeyFormat {

    /**
     * Detected per record: JSON and printable ASCII are text; other keys of 4 or 8 bytes are integers; the rest is
     * UTF-8. With a schema registry, Avro and JSON with a schema id are detected too.
     */
    AUTO,
    /** JSON (an id, or an object with the id in a field; with or without Debezium's schema), or plain UTF-8 text. */
    TEXT,
    /** A big-endian integer of 4 or 8 bytes, as ksqlDB's KAFKA format and Java's serializers write it. */
    INTEGER,
    /** Avro in the Confluent wire format: an id, or a record with the id in a field. Needs a schema registry. */
    AVRO;

    /** Maximum length of a long, with its sign. */
    private static final int MAX_DIGITS = 20;

    private static final byte[] STRUCT = JsonReader.utf8("Struct{");
    private static final String STRUCT_ADVICE = "key is a Kafka Connect Struct written as text, which loses the types"
            + " and the limits of its columns: key.converter is StringConverter; use"
            + " org.apache.kafka.connect.json.JsonConverter or an Avro converter";

    /**
     * @param field the name of the id where the key is an object, in lower case
     * @return the customer's id; null if the record has no key
     * @throws InvalidInputException if the key can't be read
     */
    public @Nullable Id read(byte @Nullable [] key, String field) {
        if (key == null || key.length == 0) {
            return null;
        }
        return switch (this) {
            case TEXT -> text(key, field);
            case INTEGER -> integer(key);
            // RecordDecoder reads the wire format, by its schema
            case AVRO -> throw new InvalidInputException("key is not Avro in the Confluent wire format");
            case AUTO -> isInteger(key) ? integer(key) : text(key, field);
        };
    }

    /**
     * Returns the id in a decoded key.
     *
     * @param value an attribute value
     * @param field the name of the id where the key is an object, in lower case
     * @throws InvalidInputException if the value holds no id
     */
    public static Id id(@Nullable Object value, String field) {
        if (value instanceof Map<?, ?> object) {
            Object id = JsonReader.attributes(object).get(field);
            if (id == null) {
                throw new InvalidInputException("key has no field " + field);
            }
            return Id.ofCustomer("key field " + field, id);
        }
        if (value == null) {
            throw new InvalidInputException("key is null");
        }
        return Id.ofCustomer("key", value);
    }

    /**
     * Returns the columns of a composite key. Cheap for the usual key with one column, which is recognised by its
     * bytes.
     *
     * @return null for any other key, including one that can't be read
     * @throws InvalidInputException if the key is a Kafka Connect Struct written as text, which does not show where a
     *     value ends
     */
    public @Nullable Map<?, ?> columns(byte @Nullable [] key) {
        if (this != TEXT && this != AUTO || key == null || key.length == 0 || !contains(key, ',')) {
            return null;
        }
        if (isStruct(key)) {
            throw new InvalidInputException(STRUCT_ADVICE);
        }
        if (!mayBeObject(key)) {
            return null;
        }
        try {
            return unwrapped(JsonReader.value(key)) instanceof Map<?, ?> object && object.size() > 1 ? object : null;
        } catch (InvalidInputException e) {
            return null;
        }
    }

    private static Id integer(byte[] key) {
        return switch (key.length) {
            case 4 -> Id.of(ByteBuffer.wrap(key).getInt());
            case 8 -> Id.of(ByteBuffer.wrap(key).getLong());
            default -> throw new InvalidInputException("key has " + key.length + " bytes; an integer has 4 or 8");
        };
    }

    private static Id text(byte[] key, String field) {
        Id number = number(key);
        if (number != null) {
            return number;
        }
        if (key[0] == '"' || key[0] == '[' || mayBeObject(key)) {
            return id(unwrapped(JsonReader.value(key)), field);
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw new InvalidInputException("key is neither text nor an integer of 4 or 8 bytes");
            }
            return isStruct(key) ? struct(text, field) : Id.ofCustomer("key", text);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("key is neither UTF-8 text nor an integer of 4 or 8 bytes");
        }
    }

    private static boolean mayBeObject(byte[] key) {
        return key[0] == '{' || Character.isWhitespace(key[0]);
    }

    private static @Nullable Object unwrapped(@Nullable Object json) {
        return json instanceof Map<?, ?> wrapped && wrapped.size() == 2 && wrapped.containsKey("schema")
                && wrapped.containsKey("payload") ? wrapped.get("payload") : json;
    }

    private static boolean isStruct(byte[] key) {
        return key.length > STRUCT.length && key[0] == STRUCT[0] && new String(key, 0, STRUCT.length,
                StandardCharsets.ISO_8859_1).equals("Struct{");
    }

    /** Reads {@code Struct{customer_id=921}}, if it has one column and its value contains none of the separators. */
    private static Id struct(String text, String field) {
        int equals = text.indexOf('=');
        String value = text.substring(equals + 1, text.length() - 1);
        if (equals < 0 || !text.endsWith("}") || value.isEmpty()
                || value.chars().anyMatch(c -> "{}[],=".indexOf(c) >= 0)) {
            throw new InvalidInputException(STRUCT_ADVICE);
        }
        if (!JsonReader.lowerCase(text.substring(STRUCT.length, equals)).equals(field)) {
            throw new InvalidInputException("key has no field " + field);
        }
        Id number = number(JsonReader.utf8(value));
        return number != null ? number : Id.ofCustomer("key", value);
    }

    /** Returns the id if the key is a whole number as JSON writes it and fits a long; else null. */
    private static @Nullable Id number(byte[] key) {
        if (key.length > MAX_DIGITS || key[0] != '-' && (key[0] < '0' || key[0] > '9')) {
            return null;
        }
        String text = new String(key, StandardCharsets.ISO_8859_1);
        try {
            long number = Long.parseLong(text);
            return Long.toString(number).equals(text) ? Id.of(number) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** 4 or 8 bytes that are neither printable ASCII nor JSON. */
    private static boolean isInteger(byte[] key) {
        return (key.length == 4 || key.length == 8) && !isPrintable(key) && !isJson(key);
    }

    private static boolean isPrintable(byte[] key) {
        for (byte b : key) {
            if (b < 0x20 || b > 0x7e) {
                return false;
            }
        }
        return true;
    }

    private static boolean isJson(byte[] key) {
        if (key[0] != '"' && key[0] != '{') {
            return false;
        }
        try {
            JsonReader.value(key);
            return true;
        } catch (InvalidInputException e) {
            return false;
        }
    }

    private static boolean contains(byte[] key, char sign) {
        for (byte b : key) {
            if (b == sign) {
                return true;
            }
        }
        return false;
    }
}
