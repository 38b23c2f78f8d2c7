package io.nextbestoffer.decision.record;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.topic.RecordPosition;

/** The headers of an offer record. */
public final class OfferHeaders {

    /** Version of the schema. It increases when a field is removed or changes its meaning, not when one is added. */
    public static final String SCHEMA_VERSION = "nbo-schema-version";

    /** {@code partition/offset} of the activity. The decision id is made from it and the id of the topic. */
    public static final String ACTIVITY = "nbo-activity";

    static final Header VERSION = new RecordHeader(SCHEMA_VERSION, JsonReader.utf8("1"));

    private OfferHeaders() {
    }

    public static void addTo(Headers offer, RecordPosition activity) {
        offer.add(VERSION);
        offer.add(ACTIVITY, JsonReader.utf8(activity.partition() + "/" + activity.offset()));
    }

    /**
     * Returns the position of the activity of an offer.
     *
     * @param topicId the id of the topic of activities
     * @return null if the header is missing, or does not match the decision id because it refers to another topic
     */
    public static @Nullable RecordPosition activity(Headers headers, UUID topicId, UUID decisionId) {
        Header header = headers.lastHeader(ACTIVITY);
        if (header == null || header.value() == null) {
            return null;
        }
        String[] parts = new String(header.value(), StandardCharsets.US_ASCII).split("/");
        try {
            var position = new RecordPosition(topicId, Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
            return position.decisionId().equals(decisionId) ? position : null;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            // Not written by this service
            return null;
        }
    }
}
