package io.nextbestoffer.decision;

import java.io.IOException;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Inputs;
import io.nextbestoffer.strategy.Strategy;

/**
 * The offer for one activity, and what it was decided from.
 *
 * @param id follows from the activity's position in its topic
 * @param rule that decided
 * @param activityTime Kafka's timestamp of the activity
 */
public record Decision(UUID id, Activity activity, Offer offer, Strategy strategy, String rule, Inputs inputs,
        Instant activityTime, Instant decidedAt) {

    /** The record on the output topic: JSON in UTF-8. */
    public byte[] json() {
        return JsonWriter.utf8(this::writeTo);
    }

    private void writeTo(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeFieldName("activity_id");
        activity.id().writeTo(json);
        json.writeFieldName("customer_id");
        activity.customer().writeTo(json);
        json.writeFieldName("offer_id");
        offer.id().writeTo(json);
        json.writeStringField("offer_name", offer.name());
        json.writeStringField("offer_url", offer.url());
        strategy.writeOutput(inputs, json);
        json.writeStringField("decision_id", id.toString());
        json.writeStringField("strategy", strategy.name());
        json.writeNumberField("strategy_version", strategy.version());
        json.writeStringField("rule", rule);
        json.writeStringField("activity_time", activityTime.toString());
        json.writeStringField("decided_at", decidedAt.toString());
        json.writeEndObject();
    }
}
