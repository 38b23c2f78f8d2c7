package io.nextbestoffer.activity;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

import io.nextbestoffer.Channels;
import io.nextbestoffer.attribute.JsonReader;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;

/** Posted activities on their way to the input topic, keyed by customer: order per customer is order per partition. */
@ApplicationScoped
class PostedActivities {

    private final ActivityCodec codec;
    private final MutinyEmitter<byte[]> emitter;

    PostedActivities(ActivityCodec codec,
            @Channel(Channels.POSTED_ACTIVITIES) @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = 10_000) MutinyEmitter<byte[]> emitter) {
        this.codec = codec;
        this.emitter = emitter;
    }

    /** Completes when Kafka has them all. */
    Uni<Void> send(List<Activity> activities) {
        return Uni.join().all(activities.stream().map(this::send).toList()).andCollectFailures().replaceWithVoid();
    }

    private Uni<Void> send(Activity activity) {
        return emitter.sendMessage(Message.of(codec.write(activity))
                .addMetadata(OutgoingKafkaRecordMetadata.builder()
                        .withKey(JsonReader.utf8(activity.customer().text())).build()));
    }
}
