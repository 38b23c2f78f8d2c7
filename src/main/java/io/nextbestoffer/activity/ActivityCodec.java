package io.nextbestoffer.activity;

import java.util.List;
import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.kafka.avro.RecordDecoder;

/** An activity on the wire: a JSON object or an Avro record with {@code activity_id}, {@code customer_id} and open attributes. */
@ApplicationScoped
public class ActivityCodec {

    static final String ACTIVITY_ID = "activity_id";
    static final String CUSTOMER_ID = "customer_id";

    private final ActivityConfig config;

    ActivityCodec(ActivityConfig config) {
        this.config = config;
    }

    /** Notes which schemas it takes to read a record. */
    public void needs(RecordDecoder.SchemaIds needed, byte @Nullable [] key, byte @Nullable [] value) {
        needed.key(config.keyFormat(), key);
        needed.value(value);
    }

    /**
     * @param key holds the customer's id where the value doesn't, as in ksqlDB's topics
     * @throws InvalidInputException naming the field that is wrong
     */
    public Activity read(RecordDecoder documents, byte @Nullable [] key, byte @Nullable [] value) {
        return read(documents.object(value), documents, key);
    }

    /** One that came without a key. */
    Activity read(Attributes document) {
        return read(document, RecordDecoder.OF_JSON, null);
    }

    private Activity read(Attributes document, RecordDecoder documents, byte @Nullable [] key) {
        Object customer = document.get(CUSTOMER_ID);
        Id customerId = customer != null
                ? Id.of(CUSTOMER_ID, customer)
                : documents.key(config.keyFormat(), key, CUSTOMER_ID);
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

    /** Tells all that is wrong with the ids of an activity that has no key. */
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
