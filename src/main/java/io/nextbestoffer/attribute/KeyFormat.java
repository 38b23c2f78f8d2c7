package io.nextbestoffer.attribute;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** How the id in a record's key is written. */
public enum KeyFormat {

    /**
     * Told apart per record: JSON or printable ASCII is text, else 4 or 8 bytes are an integer, else UTF-8. With a
     * schema registry, Avro too.
     */
    AUTO,
    /** JSON (an id, or an object with the id in a field; with or without Debezium's schema), or plain UTF-8 text. */
    TEXT,
    /** A big-endian integer of 4 or 8 bytes, as ksqlDB's KAFKA format and Java's serializers write it. */
    INTEGER,
    /** Avro in the Confluent wire format: an id, or a record with the id in a field. Needs a schema registry. */
    AVRO;

    /** Of a long, with its sign. */
    private static final int MAX_DIGITS = 20;

    /**
     * @param field that holds the id where the key is an object, in lower case
     * @return null if there is no key
     * @throws InvalidInputException if the key can't be read
     */
    public @Nullable Id read(byte @Nullable [] key, String field) {
        if (key == null || key.length == 0) {
            return null;
        }
        return switch (this) {
            case TEXT -> text(key, field);
            case INTEGER -> integer(key);
            // What is in the wire format is read with its schema, elsewhere
            case AVRO -> throw new InvalidInputException("key is not Avro in the Confluent wire format");
            case AUTO -> isInteger(key) ? integer(key) : text(key, field);
        };
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
        byte first = key[0];
        if (first == '{' || first == '"' || first == '[' || Character.isWhitespace(first)) {
            return fromJson(JsonReader.value(key), field);
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw new InvalidInputException("key is neither text nor an integer of 4 or 8 bytes");
            }
            return Id.of("key", text);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("key is neither UTF-8 text nor an integer of 4 or 8 bytes");
        }
    }

    private static Id fromJson(@Nullable Object json, String field) {
        Object value = json;
        if (value instanceof Map<?, ?> wrapped && wrapped.size() == 2 && wrapped.containsKey("schema")
                && wrapped.containsKey("payload")) {
            value = wrapped.get("payload");
        }
        if (value instanceof Map<?, ?> object) {
            Object id = JsonReader.attributes(object).get(field);
            if (id == null) {
                throw new InvalidInputException("key has no field " + field);
            }
            return Id.of("key field " + field, id);
        }
        if (value == null) {
            throw new InvalidInputException("key is null");
        }
        return Id.of("key", value);
    }

    /** A whole number as JSON writes it, that fits a long; else null. */
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
        return (key.length == 4 || key.length == 8) && !printable(key) && !json(key);
    }

    private static boolean printable(byte[] key) {
        for (byte b : key) {
            if (b < 0x20 || b > 0x7e) {
                return false;
            }
        }
        return true;
    }

    private static boolean json(byte[] key) {
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
}
