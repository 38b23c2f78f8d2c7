package io.nextbestoffer.attribute;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

/**
 * Reads one JSON document in UTF-8, strictly and within limits, so that the result can be stored in Postgres and
 * written as JSON again. It parses without data binding, because it is on the hot path.
 */
public final class JsonReader {

    /** Longest string, in characters. */
    public static final int MAX_STRING = 65_536;
    /** The greatest number of fields of an object. */
    public static final int MAX_FIELDS = 512;
    /** The greatest depth of nested objects and lists. */
    public static final int MAX_DEPTH = 32;

    /**
     * A field name whose case is kept, because Debezium's CloudEvents also have a field with this name in lower case.
     */
    private static final String CLOUD_EVENT_TX_ID = "iodebeziumtxId";

    private JsonReader() {
    }

    /**
     * @return the document's fields, names in lower case
     * @throws InvalidInputException if the bytes are not exactly one JSON object
     */
    public static Attributes object(byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new InvalidInputException("value is null");
        }
        return parse(bytes, parser -> {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw new InvalidInputException("not a JSON object but " + describe(parser.currentToken()));
            }
            return fields(parser);
        });
    }

    /**
     * @return the document as an attribute value; an object is a {@link Map} with its names unchanged
     * @throws InvalidInputException if the bytes are not exactly one JSON document
     */
    public static @Nullable Object value(byte[] bytes) {
        return parse(bytes, parser -> value(parser, ""));
    }

    /**
     * @return the bytes of each field whose value is an object, by name, without the other fields
     * @throws InvalidInputException if the bytes are not exactly one JSON object
     */
    public static Map<String, byte[]> objectsIn(byte[] bytes) {
        return parse(bytes, parser -> {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw new InvalidInputException("not a JSON object but " + describe(parser.currentToken()));
            }
            var objects = new LinkedHashMap<String, byte[]>();
            String name;
            while ((name = parser.nextFieldName()) != null) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                    continue;
                }
                int begin = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                int end = (int) parser.currentLocation().getByteOffset();
                if (objects.put(name, Arrays.copyOfRange(bytes, begin, end)) != null) {
                    throw new InvalidInputException("field " + name + " occurs twice");
                }
            }
            return objects;
        });
    }

    private interface Body<T extends @Nullable Object> {
        T read(JsonParser parser) throws IOException;
    }

    private static <T extends @Nullable Object> T parse(byte[] bytes, Body<T> body) {
        requireUtf8(bytes);
        try (JsonParser parser = JsonSettings.FACTORY.createParser(bytes)) {
            if (parser.nextToken() == null) {
                throw new InvalidInputException("value is empty");
            }
            T result = body.read(parser);
            if (parser.nextToken() != null) {
                throw new InvalidInputException(
                        "the JSON document is followed by other content at byte "
                                + parser.currentTokenLocation().getByteOffset());
            }
            return result;
        } catch (JsonProcessingException e) {
            // The original message may quote the value; line and column are enough
            throw new InvalidInputException("not JSON: " + shorten(e));
        } catch (IOException e) {
            throw new InvalidInputException("not JSON in UTF-8: " + e.getClass().getSimpleName());
        }
    }

    private static Attributes fields(JsonParser parser) throws IOException {
        var attributes = new Attributes.Builder();
        int count = 0;
        String name;
        while ((name = parser.nextFieldName()) != null) {
            limitFields(++count);
            requireStorable(name, "a field name");
            parser.nextToken();
            attributes.add(lowerCase(name), value(parser, name));
        }
        return attributes.build();
    }

    private static @Nullable Object value(JsonParser parser, String field) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> requireStorable(parser.getText(), field);
            case VALUE_NUMBER_INT -> switch (parser.getNumberType()) {
                case INT, LONG -> parser.getLongValue();
                default -> throw new InvalidInputException(field + " is a number out of range");
            };
            case VALUE_NUMBER_FLOAT -> {
                double number = parser.getDoubleValue();
                if (Double.isInfinite(number)) {
                    throw new InvalidInputException(field + " is a number out of range");
                }
                yield number;
            }
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                String name;
                while ((name = parser.nextFieldName()) != null) {
                    limitFields(map.size() + 1);
                    parser.nextToken();
                    if (map.containsKey(requireStorable(name, "a field name"))) {
                        throw new InvalidInputException("field " + name + " occurs twice");
                    }
                    map.put(name, value(parser, name));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser, field));
                }
                yield list;
            }
            default -> throw new InvalidInputException("not JSON: " + parser.currentToken());
        };
    }

    private static void limitFields(int count) {
        if (count > MAX_FIELDS) {
            throw new InvalidInputException("more than " + MAX_FIELDS + " fields");
        }
    }

    /** Jackson would read UTF-16 and UTF-32 as well, but RFC 8259 requires UTF-8 between systems. */
    private static void requireUtf8(byte[] bytes) {
        if (bytes.length == 0) {
            throw new InvalidInputException("value is empty");
        }
        int first = bytes[0] & 0xff;
        if (first == 0 || first >= 0xfe || bytes.length > 1 && bytes[1] == 0) {
            throw new InvalidInputException("not JSON in UTF-8");
        }
    }

    /** Rejects NUL, which Postgres cannot store, and unpaired surrogates, which UTF-8 cannot encode. */
    public static String requireStorable(String text, String field) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new InvalidInputException(field + " contains the character NUL");
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new InvalidInputException(field + " contains half a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }

    /** The name of an attribute in lower case. */
    public static String lowerCase(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z' || c > 127) {
                if (name.equals(CLOUD_EVENT_TX_ID)) {
                    return name;
                }
                String lower = name.toLowerCase(Locale.ROOT);
                // In lower case, some letters take more bytes, and stored names must be readable again
                if (utf8(lower).length > Id.MAX_LENGTH) {
                    throw new InvalidInputException("a field name has more than " + Id.MAX_LENGTH + " bytes");
                }
                return lower;
            }
        }
        return name;
    }

    /** Converts an object within a document to attributes, whose names are in lower case. */
    public static Attributes attributes(Map<?, ?> object) {
        var attributes = new Attributes.Builder();
        object.forEach((name, value) -> attributes.add(lowerCase((String) name), value));
        return attributes.build();
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String describe(JsonToken token) {
        return switch (token) {
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_NULL -> "null";
            default -> "a boolean";
        };
    }

    private static String shorten(JsonProcessingException e) {
        var location = e.getLocation();
        if (e.getOriginalMessage().startsWith("Invalid UTF-8")) {
            return "not in UTF-8 at line " + location.getLineNr() + ", column " + location.getColumnNr();
        }
        String what = e.getClass().getSimpleName().replace("Exception", "");
        if (e instanceof com.fasterxml.jackson.core.exc.StreamConstraintsException) {
            what = e.getOriginalMessage();
        }
        return location == null
                ? what
                : what + " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
