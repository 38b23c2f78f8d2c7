package io.nextbestoffer.kafka.topic;

import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import org.apache.kafka.common.KafkaFuture;

import io.smallrye.mutiny.Uni;

/** Converts futures of Kafka's admin client to Mutiny. */
public final class KafkaFutures {

    private KafkaFutures() {
    }

    /**
     * Sends the request on each subscription, so also on a retry. An exception of the call itself becomes a failure.
     */
    public static <T> Uni<T> uni(Supplier<KafkaFuture<T>> request) {
        return Uni.createFrom().completionStage(() -> request.get().toCompletionStage())
                // Kafka wraps the failures of derived futures
                .onFailure(failure -> failure instanceof CompletionException && failure.getCause() != null)
                .transform(Throwable::getCause);
    }
}
