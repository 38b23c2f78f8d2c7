package io.nextbestoffer.latest;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.decision.record.OfferRecordReader;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.topic.TopicTail;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;

/** The offers as they are committed to the output topic, by whichever replica. Read only while somebody listens. */
@ApplicationScoped
class OfferStream implements TopicTail.Listener {

    /** What a listener may be behind before he is cut off. */
    private static final int BUFFER = 10_000;

    private final KafkaStages streams;
    private final String topic;
    private final OfferRecordReader records;
    private @Nullable TopicTail tail;
    private final LiveListeners listeners;
    private final BroadcastProcessor<Seen> broadcast = BroadcastProcessor.create();
    // No future: the first listener who leaves would cancel it, and so end the streams of all others
    private final BroadcastProcessor<Void> end = BroadcastProcessor.create();

    OfferStream(KafkaStages streams, TopicConfig topics, OfferRecordReader records, LiveStreamConfig config) {
        this.streams = streams;
        this.records = records;
        this.topic = topics.offers();
        this.listeners = new LiveListeners(config);
    }

    /**
     * An offer that went out.
     *
     * @param strategy the name of the one that chose it
     * @param json the record
     */
    record Seen(String decisionId, Id customer, Id offer, @Nullable Object strategy, String json) {
    }

    /**
     * Offers from now on, until cancelled; fails for a listener who is too slow. Throws a problem for one too many: once
     * an answer is a stream it can't be another one.
     */
    Multi<Seen> listen(String client) {
        admit(client);
        return Multi.createFrom().deferred(() -> {
            enter(client);
            return broadcast.onOverflow().buffer(BUFFER).onTermination().invoke(() -> leave(client));
        });
    }

    /** Completes when listeners have to go: a stop would wait for them as for any request in flight. */
    Uni<Void> end() {
        return end.toUni();
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        end.onComplete();
    }

    /** Completes once every later offer will be seen. For those who listen. */
    synchronized Uni<Void> following() {
        return tail == null ? Uni.createFrom().voidItem() : tail.ready();
    }

    private synchronized void admit(String client) {
        listeners.check(client);
    }

    private synchronized void enter(String client) {
        listeners.enter(client);
        if (tail == null) {
            tail = streams.tail(topic, null, "offers-tail", this);
        }
    }

    private synchronized void leave(String client) {
        listeners.leave(client);
        if (listeners.count() == 0 && tail != null) {
            tail.close();
            tail = null;
        }
    }

    @Override
    public void record(RecordPosition position, ConsumerRecord<byte[], byte[]> record) {
        try {
            byte[] json = records.json(record.value());
            Attributes offer = JsonReader.object(json);
            broadcast.onNext(new Seen(String.valueOf(offer.get("decision_id")),
                    Id.of("customer_id", offer.get("customer_id")), Id.of("offer_id", offer.get("offer_id")),
                    offer.get("strategy"), new String(json, UTF_8)));
        } catch (InvalidInputException e) {
            // Somebody else wrote to the topic
        }
    }
}
