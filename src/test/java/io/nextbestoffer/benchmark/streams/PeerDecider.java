package io.nextbestoffer.benchmark.streams;

import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;

import io.nextbestoffer.benchmark.peer.PeerOffer;

/** Decides each activity. This is a processor, because the decision id is derived from the position of the record. */
final class PeerDecider extends ContextualFixedKeyProcessor<String, PeerKnownActivity, PeerOffer> {

    @Override
    public void process(FixedKeyRecord<String, PeerKnownActivity> known) {
        RecordMetadata position = context().recordMetadata().orElseThrow();
        context().forward(known.withValue(PeerOffer.decide(known.value().activity(), known.value().customer(),
                position.topic() + "/" + position.partition() + "/" + position.offset(), known.timestamp())));
    }
}
