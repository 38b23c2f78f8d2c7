package io.nextbestoffer.activity;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.kafka.avro.RecordDecoder;

/**
 * Reads and writes activities: a JSON object or an Avro record with {@code activity_id}, {@code customer_id} and any
 * other attributes. Kafka Connect's JSON converter may have wrapped it with its schema.
 */
@ApplicationScoped
public class ActivityCodec {

    static final String ACTIVITY_ID = "activity_id";
    static final String CUSTOMER_ID = "customer_id";

    private final ActivityConfig config;

    ActivityCodec(ActivityConfig config) {
        this.config = config;
    }

    /** Collects the ids of the schemas that are needed to read a record. */
    public void addSchemaIds(RecordDecoder.SchemaIds ids, byte @Nullable [] key, byte @Nullable [] value) {
        ids.addKey(config.keyFormat(), key);
        ids.addValue(value);
    }

    /**
     * @param key holds the customer's id where the value doesn't, as in ksqlDB's topics
     * @throws InvalidInputException naming the field that is wrong
     */
    public Activity read(RecordDecoder decoder, byte @Nullable [] key, byte @Nullable [] value) {
        return read(unwrapped(decoder.object(value)), decoder, key);
    }

    private static Attributes unwrapped(Attributes document) {
        if (document.size() != 2 || !document.contains("schema") || !document.contains("payload")) {
            return document;
        }
        if (document.get("payload") instanceof Map<?, ?> payload) {
            return JsonReader.attributes(payload);
        }
        throw new InvalidInputException("payload must be an object");
    }

    /** An activity without a key. */
    Activity read(Attributes document) {
        return read(document, RecordDecoder.JSON_ONLY, null);
    }

    private Activity read(Attributes document, RecordDecoder decoder, byte @Nullable [] key) {
        Object customer = document.get(CUSTOMER_ID);
        Id customerId = customer != null
                ? Id.ofCustomer(CUSTOMER_ID, customer)
                : decoder.key(config.keyFormat(), key, CUSTOMER_ID);
        if (customerId == null) {
            throw new InvalidInputException(CUSTOMER_ID + " is in neither value nor key");
        }
        Object id = document.get(ACTIVITY_ID);
        if (id == null) {
            throw new InvalidInputException(ACTIVITY_ID + " is missing");
        }
        return new Activity(Id.of(ACTIVITY_ID, id), customerId,
                document.filter(name -> !name.equals(CUSTOMER_ID) && !name.equals(ACTIVITY_ID)));
    }

    /** Reports all problems with the ids of an activity without a key. */
    void check(Attributes document, BiConsumer<String, String> violation) {
        for (String field : List.of(ACTIVITY_ID, CUSTOMER_ID)) {
            Object id = document.get(field);
            if (id == null) {
                violation.accept(field, "is missing");
            } else {
                try {
                    Id.of(field, id);
                } catch (InvalidInputException e) {
                    violation.accept(field, e.getMessage());
                }
            }
        }
    }

    byte[] write(Activity activity) {
        return JsonWriter.utf8(json -> {
            json.writeStartObject();
            json.writeFieldName(ACTIVITY_ID);
            activity.id().writeTo(json);
            json.writeFieldName(CUSTOMER_ID);
            activity.customer().writeTo(json);
            activity.attributes().writeFieldsTo(json);
            json.writeEndObject();
        });
    }
}
