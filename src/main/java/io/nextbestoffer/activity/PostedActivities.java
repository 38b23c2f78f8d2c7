package io.nextbestoffer.activity;

import java.time.Duration;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.Channels;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;

/** Sends posted activities to the input topic. The customer is the key, so their activities keep their order. */
@ApplicationScoped
class PostedActivities {

    private static final int CONCURRENCY = 128;

    /** Longer than Kafka's delivery timeout. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final MutinyEmitter<byte[]> emitter;
    private final StageTracer spans;

    PostedActivities(
            @Channel(Channels.POSTED_ACTIVITIES)
            @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = 10_000) MutinyEmitter<byte[]> emitter,
            StageTracer spans) {
        this.emitter = emitter;
        this.spans = spans;
    }

    /**
     * Completes when Kafka has stored all activities; the first failure stops the ones that are not sent yet.
     *
     * @param traceparent the caller's trace, if any, which each activity continues
     */
    Uni<Void> send(List<Posted> activities, @Nullable String traceparent) {
        List<Header> trace = spans.ofRequest(traceparent);
        return Multi.createFrom().iterable(activities).onItem().transformToUni(one -> send(one, trace))
                .merge(CONCURRENCY)
                .collect().last().replaceWithVoid()
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** @param value the encoded activity */
    record Posted(Id customer, byte[] value) {
    }

    private Uni<Void> send(Posted activity, List<Header> trace) {
        return emitter.sendMessage(Message.of(activity.value())
                .addMetadata(OutgoingKafkaRecordMetadata.builder()
                        .withKey(JsonReader.utf8(activity.customer().text()))
                        .withHeaders(new RecordHeaders(trace)).build()));
    }
}
