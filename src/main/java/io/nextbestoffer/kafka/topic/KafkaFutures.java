package io.nextbestoffer.kafka.topic;

import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import org.apache.kafka.common.KafkaFuture;

import io.smallrye.mutiny.Uni;

/** What Kafka's admin client answers, as Mutiny has it. */
public final class KafkaFutures {

    private KafkaFutures() {
    }

    /** Asks anew for each subscriber, so a retry does; what the client throws at once is a failure like any other. */
    public static <T> Uni<T> uni(Supplier<KafkaFuture<T>> request) {
        return Uni.createFrom().completionStage(() -> request.get().toCompletionStage())
                // What Kafka derives from another future it wraps
                .onFailure(failure -> failure instanceof CompletionException && failure.getCause() != null)
                .transform(Throwable::getCause);
    }
}
