package io.nextbestoffer.benchmark.streams;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Decides each activity. This is a processor, because the decision id is derived from the position of the record. */
final class PeerDecider extends ContextualFixedKeyProcessor<String, PeerKnownActivity, PeerOffer> {

    @Override
    public void process(FixedKeyRecord<String, PeerKnownActivity> known) {
        PeerActivity activity = known.value().activity();
        PeerCustomer customer = known.value().customer();
        PeerProduct product = PeerProduct.bestFor(activity, customer);
        context().forward(known.withValue(new PeerOffer(activity.activityId(), activity.customerId(), product.id,
                product.offerName, product.url, activity.propensityToBuy(), activity.activityType(), customer.income(),
                customer.fico(), decisionId(), "banking", 1, product.rule, Instant.ofEpochMilli(known.timestamp()),
                Instant.now().truncatedTo(ChronoUnit.MILLIS))));
    }

    private UUID decisionId() {
        RecordMetadata position = context().recordMetadata().orElseThrow();
        return UUID.nameUUIDFromBytes((position.topic() + "/" + position.partition() + "/" + position.offset())
                .getBytes(StandardCharsets.UTF_8));
    }
}
