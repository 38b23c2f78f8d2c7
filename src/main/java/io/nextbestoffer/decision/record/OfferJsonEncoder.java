package io.nextbestoffer.decision.record;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;

import io.nextbestoffer.attribute.JsonEncoder;
import io.nextbestoffer.decision.Decision;
import io.nextbestoffer.strategy.Choice.Ranked;

/** Writes decisions as records of the output topic: JSON in UTF-8. Not thread-safe. */
public final class OfferJsonEncoder {

    private static final SerializableString ACTIVITY_ID = new SerializedString("activity_id");
    private static final SerializableString CUSTOMER_ID = new SerializedString("customer_id");
    private static final SerializableString OFFER_ID = new SerializedString("offer_id");
    private static final SerializableString OFFER_NAME = new SerializedString("offer_name");
    private static final SerializableString OFFER_URL = new SerializedString("offer_url");
    private static final SerializableString DECISION_ID = new SerializedString("decision_id");
    private static final SerializableString STRATEGY = new SerializedString("strategy");
    private static final SerializableString STRATEGY_VERSION = new SerializedString("strategy_version");
    private static final SerializableString RULE = new SerializedString("rule");
    private static final SerializableString CATALOG_REVISION = new SerializedString("catalog_revision");
    private static final SerializableString SCORE = new SerializedString("score");
    private static final SerializableString ALTERNATIVES = new SerializedString("alternatives");
    private static final SerializableString ACTIVITY_TIME = new SerializedString("activity_time");
    private static final SerializableString DECIDED_AT = new SerializedString("decided_at");

    private final JsonEncoder encoder = new JsonEncoder();
    private final Time activityTime = new Time();
    private final Time decidedAt = new Time();

    public byte[] utf8(Decision decision) {
        return encoder.utf8(json -> write(decision, json));
    }

    private void write(Decision decision, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeFieldName(ACTIVITY_ID);
        decision.activity().id().writeTo(json);
        json.writeFieldName(CUSTOMER_ID);
        decision.activity().customer().writeTo(json);
        json.writeFieldName(OFFER_ID);
        decision.offer().id().writeTo(json);
        json.writeFieldName(OFFER_NAME);
        json.writeString(decision.offer().name());
        json.writeFieldName(OFFER_URL);
        json.writeString(decision.offer().url());
        decision.strategy().writeOutput(decision.inputs(), json);
        json.writeFieldName(DECISION_ID);
        json.writeString(decision.id().toString());
        json.writeFieldName(STRATEGY);
        json.writeString(decision.strategy().name());
        json.writeFieldName(STRATEGY_VERSION);
        json.writeNumber(decision.strategy().version());
        json.writeFieldName(RULE);
        json.writeString(decision.rule());
        json.writeFieldName(CATALOG_REVISION);
        json.writeNumber(decision.catalogRevision());
        writeRanking(decision.choice().ranking(), json);
        json.writeFieldName(ACTIVITY_TIME);
        json.writeString(activityTime.text(decision.activityTime()));
        json.writeFieldName(DECIDED_AT);
        json.writeString(decidedAt.text(decision.decidedAt()));
        json.writeEndObject();
    }

    private static void writeRanking(List<Ranked> ranking, JsonGenerator json) throws IOException {
        if (ranking.isEmpty()) {
            return;
        }
        json.writeFieldName(SCORE);
        json.writeNumber(ranking.get(0).score());
        json.writeFieldName(ALTERNATIVES);
        json.writeStartArray();
        for (Ranked alternative : ranking.subList(1, ranking.size())) {
            json.writeStartObject();
            json.writeFieldName(OFFER_ID);
            alternative.offer().id().writeTo(json);
            json.writeFieldName(OFFER_NAME);
            json.writeString(alternative.offer().name());
            json.writeFieldName(SCORE);
            json.writeNumber(alternative.score());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Formats times, and remembers the last one, because many records have the same time as the one before. */
    private static final class Time {

        private Instant last = Instant.EPOCH;
        private SerializableString text = new SerializedString(Instant.EPOCH.toString());

        SerializableString text(Instant time) {
            if (!time.equals(last)) {
                last = time;
                text = new SerializedString(time.toString());
            }
            return text;
        }
    }
}
