package io.nextbestoffer.kafka.avro;

import java.io.EOFException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * Reads Avro's binary form with the schema that it was written with. The result is the same as {@link JsonReader}'s for
 * the same document in JSON, within the same limits. Lengths are checked before memory is allocated.
 * <p>
 * The schema is compiled once, so reading a record does not inspect it.
 */
final class AvroReader {

    /**
     * Maximum number of values in a record, including nested ones. The size of a record does not limit them, because a
     * null in a list takes no bytes.
     */
    private static final int MAX_VALUES = 65_536;
    /** Maximum size of a decimal: about 150 digits. */
    private static final int MAX_DECIMAL_BYTES = 64;
    /** Maximum size of a binary value. In Base64, it is no longer than the longest string. */
    private static final int MAX_BYTES = JsonReader.MAX_STRING / 4 * 3;

    private static final int UUID_BYTES = 16;
    /** Schema property with Kafka Connect's name of a logical type, whose values are plain numbers in JSON. */
    private static final String CONNECT_NAME = "connect.name";

    /** Reads the values of one schema. */
    private interface Shape {
        @Nullable
        Object read(In in, String field) throws IOException;
    }

    private final Shape root;

    /** @throws InvalidInputException if no value of the schema could be read */
    AvroReader(Schema schema) {
        root = new Shapes().of(schema);
    }

    /**
     * @param from the index where the binary form begins
     * @return the fields of the record, names in lower case
     * @throws InvalidInputException if the bytes are not exactly one record of the schema
     */
    Attributes object(byte[] bytes, int from) {
        return root instanceof RecordShape shape
                ? read(bytes, from, shape::attributes)
                : reject("the schema is not a record schema");
    }

    /**
     * @return an attribute value; a record is a {@link Map} with its names unchanged
     * @throws InvalidInputException if the bytes are not exactly one value of the schema
     */
    @Nullable
    Object value(byte[] bytes, int from) {
        return read(bytes, from, in -> root.read(in, "value"));
    }

    /** Whether the values are records of more than one field. */
    boolean hasSeveralFields() {
        return root instanceof RecordShape shape && shape.names.length > 1;
    }

    private interface Body<T extends @Nullable Object> {
        T read(In in) throws IOException;
    }

    private static <T extends @Nullable Object> T read(byte[] bytes, int from, Body<T> body) {
        try {
            var in = new In(bytes, from);
            T value = body.read(in);
            if (!in.decoder.isEnd()) {
                throw new InvalidInputException("invalid Avro: the record is followed by other content");
            }
            return value;
        } catch (EOFException e) {
            throw new InvalidInputException("invalid Avro: it ends too early");
        } catch (InvalidInputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Avro throws exceptions of many kinds, whose messages may quote the value
            throw new InvalidInputException("invalid Avro: " + e.getClass().getSimpleName());
        }
    }

    private static <T> T reject(String reason) {
        throw new InvalidInputException(reason);
    }

    /** The bytes that are being read, with the limits of a record. */
    private static final class In {

        private final BinaryDecoder decoder;
        private final int size;
        private int depth;
        private int values;

        In(byte[] bytes, int from) {
            size = bytes.length - from;
            decoder = DecoderFactory.get().binaryDecoder(bytes, from, size, null);
        }

        void enter() {
            if (++depth > JsonReader.MAX_DEPTH) {
                throw new InvalidInputException(
                        "more than " + JsonReader.MAX_DEPTH + " nested objects and lists");
            }
        }

        void leave() {
            depth--;
        }

        void count() {
            if (++values > MAX_VALUES) {
                throw new InvalidInputException("more than " + MAX_VALUES + " values");
            }
        }

        byte[] bytes(String field, int limit) throws IOException {
            long length = decoder.readLong();
            if (length < 0 || length > size) {
                throw new InvalidInputException("invalid Avro: " + field + " has an impossible length");
            }
            if (length > limit) {
                throw new InvalidInputException(field + " has " + length + " bytes, more than " + limit);
            }
            byte[] bytes = new byte[(int) length];
            decoder.readFixed(bytes);
            return bytes;
        }

        byte[] fixed(int length) throws IOException {
            if (length > size) {
                throw new EOFException();
            }
            byte[] bytes = new byte[length];
            decoder.readFixed(bytes);
            return bytes;
        }

        String string(String field) throws IOException {
            // A character has at most four bytes
            byte[] utf8 = bytes(field, JsonReader.MAX_STRING * 4);
            String text = new String(utf8, StandardCharsets.UTF_8);
            // Invalid UTF-8 becomes this character, which may also be in the text
            if (text.indexOf('\uFFFD') >= 0 && !Arrays.equals(JsonReader.utf8(text), utf8)) {
                throw new InvalidInputException(field + " is not in UTF-8");
            }
            if (text.length() > JsonReader.MAX_STRING) {
                throw new InvalidInputException(
                        field + " has " + text.length() + " characters, more than " + JsonReader.MAX_STRING);
            }
            return JsonReader.requireStorable(text, field);
        }
    }

    private static final class RecordShape implements Shape {

        private final String[] names;
        /** In lower case. */
        private final String[] attributes;
        private final Shape[] shapes;

        RecordShape(List<Schema.Field> fields) {
            if (fields.size() > JsonReader.MAX_FIELDS) {
                throw new InvalidInputException("a schema with more than " + JsonReader.MAX_FIELDS + " fields");
            }
            names = fields.stream().map(Schema.Field::name).toArray(String[]::new);
            attributes = fields.stream().map(field -> JsonReader.lowerCase(field.name())).toArray(String[]::new);
            shapes = new Shape[names.length];
        }

        Attributes attributes(In in) throws IOException {
            in.enter();
            var builder = new Attributes.Builder();
            for (int i = 0; i < shapes.length; i++) {
                in.count();
                builder.add(attributes[i], shapes[i].read(in, names[i]));
            }
            in.leave();
            return builder.build();
        }

        @Override
        public Map<String, @Nullable Object> read(In in, String field) throws IOException {
            in.enter();
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < shapes.length; i++) {
                in.count();
                map.put(names[i], shapes[i].read(in, names[i]));
            }
            in.leave();
            return map;
        }
    }

    /** Compiles a schema. */
    private static final class Shapes {

        /** The records compiled so far, by name, because a record may contain itself. */
        private final Map<String, RecordShape> records = new HashMap<>();

        Shape of(Schema schema) {
            return switch (schema.getType()) {
                case RECORD -> record(schema);
                case UNION -> union(schema.getTypes().stream().map(this::of).toArray(Shape[]::new));
                case ARRAY -> array(of(schema.getElementType()));
                case MAP -> map(of(schema.getValueType()));
                case ENUM -> enumeration(schema.getEnumSymbols());
                case STRING -> (in, field) -> in.string(field);
                case BOOLEAN -> (in, field) -> in.decoder.readBoolean();
                case NULL -> (in, field) -> null;
                case INT -> ofInt(meaning(schema));
                case LONG -> ofLong(meaning(schema));
                // As in JSON: 0.9 and not 0.8999999761581421
                case FLOAT -> (in, field) -> finite(Double.parseDouble(Float.toString(in.decoder.readFloat())), field);
                case DOUBLE -> (in, field) -> finite(in.decoder.readDouble(), field);
                case BYTES -> schema.getLogicalType() instanceof LogicalTypes.Decimal decimal
                        ? (in, field) -> number(in.bytes(field, MAX_DECIMAL_BYTES), decimal.getScale(), field)
                        : (in, field) -> base64(in.bytes(field, MAX_BYTES));
                case FIXED -> fixed(schema);
            };
        }

        private Shape record(Schema schema) {
            RecordShape known = records.get(schema.getFullName());
            if (known != null) {
                return known;
            }
            var shape = new RecordShape(schema.getFields());
            records.put(schema.getFullName(), shape);
            for (int i = 0; i < shape.shapes.length; i++) {
                shape.shapes[i] = of(schema.getFields().get(i).schema());
            }
            return shape;
        }

        private static Shape union(Shape[] branches) {
            return (in, field) -> {
                int branch = in.decoder.readIndex();
                if (branch < 0 || branch >= branches.length) {
                    throw new InvalidInputException("invalid Avro: " + field + " is none of its types");
                }
                return branches[branch].read(in, field);
            };
        }

        private static Shape array(Shape element) {
            return (in, field) -> {
                in.enter();
                List<@Nullable Object> list = new ArrayList<>();
                for (long block = in.decoder.readArrayStart(); block != 0; block = in.decoder.arrayNext()) {
                    for (long i = 0; i < block; i++) {
                        in.count();
                        list.add(element.read(in, field));
                    }
                }
                in.leave();
                return list;
            };
        }

        private static Shape map(Shape value) {
            return (in, field) -> {
                in.enter();
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (long block = in.decoder.readMapStart(); block != 0; block = in.decoder.mapNext()) {
                    for (long i = 0; i < block; i++) {
                        in.count();
                        String name = in.string("a field name");
                        if (name.length() > Id.MAX_LENGTH) {
                            throw new InvalidInputException("a field name has " + name.length() + " characters");
                        }
                        if (map.containsKey(name)) {
                            throw new InvalidInputException("field " + name + " occurs twice");
                        }
                        if (map.size() == JsonReader.MAX_FIELDS) {
                            throw new InvalidInputException("more than " + JsonReader.MAX_FIELDS + " fields");
                        }
                        map.put(name, value.read(in, name));
                    }
                }
                in.leave();
                return map;
            };
        }

        private static Shape enumeration(List<String> symbols) {
            return (in, field) -> {
                int symbol = in.decoder.readEnum();
                if (symbol < 0 || symbol >= symbols.size()) {
                    throw new InvalidInputException("invalid Avro: " + field + " is none of its symbols");
                }
                return symbols.get(symbol);
            };
        }

        private static Shape fixed(Schema schema) {
            int length = schema.getFixedSize();
            LogicalType type = schema.getLogicalType();
            int max = type instanceof LogicalTypes.Decimal ? MAX_DECIMAL_BYTES : MAX_BYTES;
            if (length > max) {
                throw new InvalidInputException("a schema with a fixed type of more than " + max + " bytes");
            }
            if (type instanceof LogicalTypes.Decimal decimal) {
                return (in, field) -> number(in.fixed(length), decimal.getScale(), field);
            }
            if (type instanceof LogicalTypes.Uuid && length == UUID_BYTES) {
                return (in, field) -> {
                    var bytes = ByteBuffer.wrap(in.fixed(length));
                    return new UUID(bytes.getLong(), bytes.getLong()).toString();
                };
            }
            return (in, field) -> base64(in.fixed(length));
        }

        /** Kafka Connect's logical types are plain numbers in Debezium's JSON, and here as well. */
        private static @Nullable LogicalType meaning(Schema schema) {
            return schema.getProp(CONNECT_NAME) == null ? schema.getLogicalType() : null;
        }

        private static Shape ofInt(@Nullable LogicalType type) {
            if (type instanceof LogicalTypes.Date) {
                return (in, field) -> LocalDate.ofEpochDay(in.decoder.readInt()).toString();
            }
            if (type instanceof LogicalTypes.TimeMillis) {
                return (in, field) -> time(in.decoder.readInt(), ChronoUnit.MILLIS, field);
            }
            return (in, field) -> (long) in.decoder.readInt();
        }

        private static Shape ofLong(@Nullable LogicalType type) {
            if (type instanceof LogicalTypes.TimeMicros) {
                return (in, field) -> time(in.decoder.readLong(), ChronoUnit.MICROS, field);
            }
            if (type instanceof LogicalTypes.TimestampMillis) {
                return (in, field) -> instant(in.decoder.readLong(), ChronoUnit.MILLIS).toString();
            }
            if (type instanceof LogicalTypes.TimestampMicros) {
                return (in, field) -> instant(in.decoder.readLong(), ChronoUnit.MICROS).toString();
            }
            if (type instanceof LogicalTypes.TimestampNanos) {
                return (in, field) -> instant(in.decoder.readLong(), ChronoUnit.NANOS).toString();
            }
            if (type instanceof LogicalTypes.LocalTimestampMillis) {
                return (in, field) -> local(instant(in.decoder.readLong(), ChronoUnit.MILLIS));
            }
            if (type instanceof LogicalTypes.LocalTimestampMicros) {
                return (in, field) -> local(instant(in.decoder.readLong(), ChronoUnit.MICROS));
            }
            if (type instanceof LogicalTypes.LocalTimestampNanos) {
                return (in, field) -> local(instant(in.decoder.readLong(), ChronoUnit.NANOS));
            }
            return (in, field) -> in.decoder.readLong();
        }

        private static Instant instant(long amount, ChronoUnit unit) {
            return Instant.EPOCH.plus(amount, unit);
        }

        private static String local(Instant time) {
            return LocalDateTime.ofInstant(time, ZoneOffset.UTC).toString();
        }

        private static String time(long amount, ChronoUnit unit, String field) {
            long max = ChronoUnit.DAYS.getDuration().dividedBy(unit.getDuration());
            if (amount < 0 || amount >= max) {
                throw new InvalidInputException(field + " is not a time of day");
            }
            return LocalTime.ofNanoOfDay(amount * unit.getDuration().toNanos()).toString();
        }

        private static Double finite(double number, String field) {
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new InvalidInputException(field + " is a number out of range");
            }
            return number;
        }

        /** Returns a {@link Long} if the scale is 0 and the number fits; otherwise a {@link Double}. */
        private static Object number(byte[] unscaled, int scale, String field) {
            if (unscaled.length == 0 || unscaled.length > MAX_DECIMAL_BYTES) {
                throw new InvalidInputException(field + " is not a decimal");
            }
            var digits = new BigInteger(unscaled);
            if (scale == 0 && digits.bitLength() < Long.SIZE) {
                return digits.longValue();
            }
            return finite(new BigDecimal(digits, scale).doubleValue(), field);
        }

        private static String base64(byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }
    }
}
