package io.nextbestoffer.customer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.attribute.KeyFormat;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;

/**
 * Reads a change of a customer in any shape that Debezium and table topics write. It detects the shape of each record:
 * Debezium's envelope, with or without schema; Debezium's CloudEvents; a row flattened by
 * {@code ExtractNewRecordState}; a plain row; a tombstone. All of them can be in JSON or Avro. Any other shape is
 * rejected: {@link ForeignShapes}.
 */
@ApplicationScoped
class ChangeCodec {

    private static final int MAX_QUOTED = 100;

    private final String idAttribute;
    private final KeyFormat keyFormat;
    private final Optional<String> keyColumn;
    private final CustomerTables tables;
    private final UnavailableValue unavailable;

    @Inject
    ChangeCodec(CustomerConfig config, TopicConfig topics) {
        this(config.idAttribute(), config.keyFormat(), config.keyColumn().map(JsonReader::lowerCase),
                new CustomerTables(config.tables(), topics.customers()),
                new UnavailableValue(config.unavailableValuePlaceholder()));
    }

    /**
     * @param idAttribute the column that identifies a customer, in lower case
     * @param keyColumn the column that identifies a customer in a composite key, in lower case; without it, composite
     *     keys are rejected
     */
    ChangeCodec(String idAttribute, KeyFormat keyFormat, Optional<String> keyColumn, CustomerTables tables,
            UnavailableValue unavailable) {
        this.idAttribute = idAttribute;
        this.keyFormat = keyFormat;
        this.keyColumn = keyColumn;
        this.tables = tables;
        this.unavailable = unavailable;
    }

    /** Collects the ids of the schemas that are needed to read a record. */
    void addSchemaIds(RecordDecoder.SchemaIds ids, byte @Nullable [] key, byte @Nullable [] value) {
        ids.addKey(keyFormat, key);
        ids.addValue(value);
    }

    /** Reads a record. @throws InvalidInputException if it has none of the shapes */
    CustomerChange read(RecordDecoder decoder, byte @Nullable [] key, byte @Nullable [] value,
            RecordPosition position) {
        Attributes document = value == null ? null : unwrapped(decoder.object(value));
        var recordKey = new RecordKey(decoder, key);
        if (document == null) {
            return deleted(recordKey, null, new ChangeOrder(null, null, position));
        }
        ChangeEvent event = event(document);
        var order = new ChangeOrder(event.origin().lsn(), event.origin().time(), position);
        if (!event.operation().equals("m")) {
            tables.require(event.origin().schema(), event.origin().table());
        }
        return switch (event.operation()) {
            case "c", "u" -> stored(recordKey, event.requireAfter(), order, false);
            case "r" -> stored(recordKey, event.requireAfter(), order, endsSnapshot(event.origin()));
            case "d" -> deleted(recordKey, event.optionalBefore(), order);
            case "t" -> new CustomerChange.Truncated(order);
            case "m" -> new CustomerChange.Irrelevant(order);
            default -> throw new InvalidInputException("op must be one of c, u, r, d, t, m");
        };
    }

    /** Removes the wrapper of Kafka Connect's JSON converter. @return null for a wrapped tombstone */
    private static @Nullable Attributes unwrapped(Attributes document) {
        if (document.size() > 2 || !document.contains("payload")) {
            return document;
        }
        Object payload = document.get("payload");
        if (document.contains("schema")) {
            return payload == null ? null : ChangeEvent.requireObject(payload, "payload");
        }
        return document.size() == 1 && payload != null ? ChangeEvent.requireObject(payload, "payload") : document;
    }

    private static ChangeEvent event(Attributes document) {
        if (DebeziumEnvelope.matches(document)) {
            return DebeziumEnvelope.read(document);
        }
        return CloudEvent.matches(document) ? CloudEvent.read(document) : FlatRow.read(document);
    }

    /**
     * Whether the row is the last of a snapshot: {@code last} or, if more tables follow,
     * {@code last_in_data_collection}.
     */
    private static boolean endsSnapshot(ChangeEvent.Origin origin) {
        return origin.lsn() != null && origin.time() != null && origin.snapshot() != null
                && origin.snapshot().startsWith("last");
    }

    private CustomerChange.Stored stored(RecordKey key, Attributes row, ChangeOrder order, boolean endsSnapshot) {
        Identity identity = identity(key, row);
        var attributes = new Attributes.Builder();
        List<String> missing = new ArrayList<>(0);
        row.forEach((name, value) -> {
            // A transformation adds fields with this prefix, which describe the change rather than the customer
            if (name.equals(idAttribute) || name.startsWith("__")) {
                return;
            }
            if (unavailable.matches(value)) {
                missing.add(name);
            } else {
                attributes.add(name, value);
            }
        });
        return new CustomerChange.Stored(new Customer(identity.id, attributes.build()), order, endsSnapshot,
                List.copyOf(missing), identity.rowKey);
    }

    private CustomerChange.Deleted deleted(RecordKey key, @Nullable Attributes row, ChangeOrder order) {
        Identity identity = identity(key, row);
        return new CustomerChange.Deleted(identity.id, order, identity.rowKey);
    }

    /** @param rowKey identifies the row among the rows of one customer; null if the id is the whole key */
    private record Identity(Id id, @Nullable String rowKey) {
    }

    /** Finds the customer's id. The value takes precedence over the key, because the topic may have another key. */
    private Identity identity(RecordKey key, @Nullable Attributes row) {
        Attributes composite = key.composite();
        if (composite != null && keyColumn.isEmpty()) {
            throw new InvalidInputException("the key has several columns, " + quoted(composite)
                    + ": the rows of a customer"
                    + " would replace each other; if each customer has only one row, name the column with the"
                    + " customer's id in nbo.customers.key-column");
        }
        Object own = row == null ? null : row.get(idAttribute);
        if (own != null) {
            unavailable.requireId(own, idAttribute);
            return new Identity(Id.ofCustomer(idAttribute, own), composite == null ? null : rowKey(composite));
        }
        if (composite != null) {
            Object id = composite.get(keyColumn.get());
            if (id == null) {
                throw new InvalidInputException("key has no field " + keyColumn.get());
            }
            return new Identity(Id.ofCustomer("key field " + keyColumn.get(), id), rowKey(composite));
        }
        Id id = key.id();
        if (id == null) {
            throw new InvalidInputException(idAttribute + " is in neither value nor key");
        }
        return new Identity(id, null);
    }

    private String rowKey(Attributes composite) {
        return JsonWriter.text(composite.filter(name -> !name.equals(keyColumn.orElseThrow()))::writeTo);
    }

    private static String quoted(Attributes composite) {
        String names = String.join(", ", composite.asMap().keySet());
        return names.length() > MAX_QUOTED ? names.substring(0, MAX_QUOTED) + "…" : names;
    }

    /** The key of a record, which is decoded only if it is needed. */
    private final class RecordKey {

        private final RecordDecoder decoder;
        private final byte @Nullable [] key;

        RecordKey(RecordDecoder decoder, byte @Nullable [] key) {
            this.decoder = decoder;
            this.key = key;
        }

        @Nullable
        Id id() {
            return decoder.key(keyFormat, key, idAttribute);
        }

        @Nullable
        Attributes composite() {
            return decoder.compositeKey(keyFormat, key);
        }
    }
}
