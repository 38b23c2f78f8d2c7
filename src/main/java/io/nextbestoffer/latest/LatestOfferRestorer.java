package io.nextbestoffer.latest;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.decision.record.OfferHeaders;
import io.nextbestoffer.decision.record.OfferRecordReader;
import io.nextbestoffer.history.DecisionLog;
import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.history.LoggedDecision;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.smallrye.mutiny.Uni;

/** Restores latest offers from the topic of offers. Their inputs come from the decision log, if still there. */
@ApplicationScoped
public class LatestOfferRestorer {

    private final LatestOffers latest;
    private final OfferRecordReader offerRecords;
    private final DecisionLog log;

    LatestOfferRestorer(LatestOffers latest, OfferRecordReader offerRecords, DecisionLog log) {
        this.latest = latest;
        this.log = log;
        this.offerRecords = offerRecords;
    }

    /**
     * The result for some records.
     *
     * @param stored latest offers that were missing or older
     * @param unreadable records that are not offers
     */
    public record Restored(int stored, int unreadable) {
    }

    /**
     * Stores the offers in these records unless a later one is stored. Repeatable. It waits while the schema registry
     * is unavailable.
     *
     * @param activities the current id of the topic of activities
     */
    public Uni<Restored> restore(List<ConsumerRecord<byte[], byte[]>> records, TopicReader reader, UUID activities) {
        return offerRecords.reader(records.stream().map(ConsumerRecord::value).toList()).chain(toJson -> {
            var past = new ArrayList<LatestOffers.Decided>();
            for (var record : records) {
                LatestOffers.Decided one = read(toJson, record, reader.position(record), activities);
                if (one != null) {
                    past.add(one);
                }
            }
            int unreadable = records.size() - past.size();
            return past.isEmpty()
                    ? Uni.createFrom().item(new Restored(0, unreadable))
                    : withInputs(past).chain(latest::restore).map(stored -> new Restored(stored, unreadable));
        });
    }

    private Uni<List<LatestOffers.Decided>> withInputs(List<LatestOffers.Decided> past) {
        var ids = past.stream().map(LatestOffers.Decided::decisionId).collect(Collectors.toSet());
        var days = past.stream().map(one -> LocalDate.ofInstant(one.decidedAt(), ZoneOffset.UTC))
                .collect(Collectors.toSet());
        return log.find(ids, days)
                .map(logged -> past.stream().map(one -> withInputs(one, logged.get(one.decisionId()))).toList());
    }

    private static LatestOffers.Decided withInputs(LatestOffers.Decided past,
            @Nullable LoggedDecision logged) {
        if (logged == null || logged.inputs() == null) {
            return past;
        }
        byte[] inputs = JsonReader.utf8(logged.inputs());
        return new LatestOffers.Decided(past.position(), past.recordTime(), past.customer(), past.decisionId(),
                past.decidedAt(), past.decision(), new LineIndex.Slice(inputs, 0, inputs.length));
    }

    /** @return null if the record is not an offer of this service */
    private static LatestOffers.@Nullable Decided read(UnaryOperator<byte[]> toJson,
            ConsumerRecord<byte[], byte[]> record,
            RecordPosition position, UUID activities) {
        try {
            byte[] json = toJson.apply(record.value());
            Attributes offer = JsonReader.object(json);
            UUID decisionId = UUID.fromString(text(offer, "decision_id"));
            RecordPosition activity = OfferHeaders.activity(record.headers(), activities, decisionId);
            // Required, although it is not stored: a record without it is not an offer of this service
            Id.of("offer_id", offer.get("offer_id"));
            return new LatestOffers.Decided(
                    // If the position of the activity is not known any more, the position of the offer orders it
                    activity == null ? position : activity,
                    Instant.parse(text(offer, "activity_time")).toEpochMilli(),
                    Id.of("customer_id", offer.get("customer_id")).text(), decisionId,
                    Instant.parse(text(offer, "decided_at")), new LineIndex.Slice(json, 0, json.length), null);
        } catch (InvalidInputException | IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    private static String text(Attributes offer, String field) {
        if (offer.get(field) instanceof String text) {
            return text;
        }
        throw new InvalidInputException(field + " must be a string");
    }
}
