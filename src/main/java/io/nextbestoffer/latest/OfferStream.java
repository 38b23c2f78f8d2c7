package io.nextbestoffer.latest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.atomic.AtomicBoolean;

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
import io.smallrye.mutiny.subscription.BackPressureFailure;

/** The offers of all replicas, as they are committed to the offer topic. It is read only while there are listeners. */
@ApplicationScoped
class OfferStream implements TopicTail.Listener {

    /** Number of offers that a listener can be behind before its stream ends. */
    private static final int BUFFER = 10_000;

    private final KafkaStages stages;
    private final String topic;
    private final OfferRecordReader records;
    private @Nullable TopicTail tail;
    private final LiveListeners listeners;
    private final BroadcastProcessor<StreamedOffer> broadcast = BroadcastProcessor.create();
    // Not a future: the first listener to leave would cancel it, which would end the streams of all others
    private final BroadcastProcessor<Void> end = BroadcastProcessor.create();

    OfferStream(KafkaStages stages, TopicConfig topics, OfferRecordReader records, LiveStreamConfig config) {
        this.stages = stages;
        this.records = records;
        this.topic = topics.offers();
        this.listeners = new LiveListeners(config);
    }

    /**
     * An offer that was sent.
     *
     * @param strategy the name of the strategy that chose it
     * @param json the offer record
     */
    record StreamedOffer(String decisionId, Id customer, Id offer, @Nullable Object strategy, String json) {
    }

    /**
     * Admits a listener, which takes one of the limited places until it is closed. Throws a problem if no place is
     * free: a response that has begun as a stream can't become a problem. So this is called before the response begins.
     */
    synchronized Admission admit(String client) {
        listeners.check(client);
        listeners.enter(client);
        if (tail == null) {
            tail = stages.tail(topic, null, "offers-tail", this);
        }
        return new Admission(client);
    }

    /** The place of a listener. It is closed as soon as the stream or its request ends; later calls do nothing. */
    final class Admission implements AutoCloseable {

        private final String client;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Admission(String client) {
            this.client = client;
        }

        /** Returns offers from the subscription on, until cancelled. Completes early if the listener is too slow. */
        Multi<StreamedOffer> offers() {
            return broadcast.onOverflow().buffer(BUFFER)
                    .onFailure(BackPressureFailure.class).recoverWithCompletion()
                    .onTermination().invoke(this::close);
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                leave(client);
            }
        }
    }

    /**
     * Completes when the service stops. Otherwise the stop would wait for the streams, as for any request in flight.
     */
    Uni<Void> end() {
        return end.toUni();
    }

    void end(@Observes ShutdownDelayInitiatedEvent event) {
        end.onComplete();
    }

    /** Completes when every later offer will be in the stream. */
    synchronized Uni<Void> following() {
        return tail == null ? Uni.createFrom().voidItem() : tail.ready();
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
            broadcast.onNext(new StreamedOffer(String.valueOf(offer.get("decision_id")),
                    Id.of("customer_id", offer.get("customer_id")), Id.of("offer_id", offer.get("offer_id")),
                    offer.get("strategy"), new String(json, UTF_8)));
        } catch (InvalidInputException e) {
            // Not written by this service
        }
    }
}
