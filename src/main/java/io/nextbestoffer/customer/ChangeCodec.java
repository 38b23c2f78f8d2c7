package io.nextbestoffer.customer;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;

/**
 * Reads a change in any of the shapes that Debezium and table topics write, told apart per record: the envelope, with
 * or without schema; the row flattened by {@code ExtractNewRecordState}; a plain row; a tombstone. In JSON or Avro.
 */
final class ChangeCodec {

    /** Read only where the value has no id. */
    private interface Key {
        @Nullable
        Id id();
    }

    private final String idAttribute;
    private final KeyFormat keyFormat;

    /** @param idAttribute the column that identifies a customer, in lower case */
    ChangeCodec(String idAttribute, KeyFormat keyFormat) {
        this.idAttribute = idAttribute;
        this.keyFormat = keyFormat;
    }

    /** Notes which schemas it takes to read a record. */
    void needs(RecordDecoder.SchemaIds needed, byte @Nullable [] key, byte @Nullable [] value) {
        needed.key(keyFormat, key);
        needed.value(value);
    }

    /** @throws InvalidInputException if the record is none of the shapes */
    CustomerChange read(RecordDecoder documents, byte @Nullable [] key, byte @Nullable [] value,
            RecordPosition position) {
        return read(value == null ? null : documents.object(value),
                () -> documents.key(keyFormat, key, idAttribute), position);
    }

    private CustomerChange read(@Nullable Attributes value, Key key, RecordPosition position) {
        if (value == null) {
            return new CustomerChange.Deleted(id(null, key), new ChangeOrder(null, null, position));
        }
        Attributes document = value;
        if (document.size() == 2 && document.contains("schema") && document.contains("payload")) {
            Object payload = document.get("payload");
            if (payload == null) {
                return new CustomerChange.Deleted(id(null, key), new ChangeOrder(null, null, position));
            }
            document = row(payload, "payload");
        }
        return isEnvelope(document) ? envelope(key, document, position) : flat(key, document, position);
    }

    /** A table may have a column "op"; only an envelope has the row beside it. */
    private static boolean isEnvelope(Attributes document) {
        return document.get("op") instanceof String && (document.get("source") instanceof Map
                || document.get("after") instanceof Map || document.get("before") instanceof Map);
    }

    private CustomerChange envelope(Key key, Attributes envelope, RecordPosition position) {
        Object source = envelope.get("source");
        Attributes origin = source == null ? Attributes.NONE : row(source, "source");
        var order = new ChangeOrder(number(origin, "lsn"), number(origin, "ts_ms"), position);
        String op = (String) envelope.get("op");
        return switch (op) {
            case "c", "u" -> stored(key, row(envelope.get("after"), "after"), order);
            case "r" -> {
                var read = stored(key, row(envelope.get("after"), "after"), order);
                // "last", or "last_in_data_collection" where it is not the last table
                yield order.lsn() != null && order.sourceTime() != null
                        && origin.get("snapshot") instanceof String mark && mark.startsWith("last")
                                ? new CustomerChange.Stored(read.customer(), order, true)
                                : read;
            }
            case "d" -> {
                Object before = envelope.get("before");
                Attributes row = before == null ? null : row(before, "before");
                yield new CustomerChange.Deleted(id(row, key), order);
            }
            case "t" -> new CustomerChange.Truncated(order);
            case "m" -> new CustomerChange.Irrelevant(order);
            default -> throw new InvalidInputException("op must be one of c, u, r, d, t, m");
        };
    }

    private CustomerChange flat(Key key, Attributes document, RecordPosition position) {
        var order = new ChangeOrder(number(document, "__lsn", "__source_lsn"),
                number(document, "__source_ts_ms", "__ts_ms"), position);
        Object deleted = document.get("__deleted");
        Object op = document.get("__op");
        if ("t".equals(op)) {
            return new CustomerChange.Truncated(order);
        }
        if (Boolean.TRUE.equals(deleted) || "true".equals(deleted) || "d".equals(op)) {
            return new CustomerChange.Deleted(id(document, key), order);
        }
        return stored(key, document, order);
    }

    private CustomerChange.Stored stored(Key key, Attributes row, ChangeOrder order) {
        Id id = id(row, key);
        // What a transformation added about the change is no attribute of the customer
        Attributes attributes = row.filter(name -> !name.equals(idAttribute) && !name.startsWith("__"));
        return new CustomerChange.Stored(new Customer(id, attributes), order);
    }

    /** The value's id wins over the key's: a topic may be keyed by something else. */
    private Id id(@Nullable Attributes row, Key key) {
        Object own = row == null ? null : row.get(idAttribute);
        if (own != null) {
            return Id.of(idAttribute, own);
        }
        Id fromKey = key.id();
        if (fromKey == null) {
            throw new InvalidInputException(idAttribute + " is in neither value nor key");
        }
        return fromKey;
    }

    private static Attributes row(@Nullable Object object, String field) {
        if (object instanceof Map<?, ?> map) {
            return JsonReader.attributes(map);
        }
        throw new InvalidInputException(field + " must be an object");
    }

    private static @Nullable Long number(Attributes from, String... names) {
        for (String name : names) {
            Object value = from.get(name);
            if (value instanceof Long number) {
                return number;
            }
            if (value != null) {
                throw new InvalidInputException(name + " must be a whole number");
            }
        }
        return null;
    }
}
