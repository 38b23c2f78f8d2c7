package io.nextbestoffer.platform;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;

/**
 * Repeats an asynchronous task at a fixed interval until it is closed, starting at once. Only one run is active at a
 * time: ticks that arrive during a run are dropped. A failed run doesn't stop the ticker.
 */
public final class Ticker implements AutoCloseable {

    private final Cancellable subscription;

    private Ticker(Cancellable subscription) {
        this.subscription = subscription;
    }

    /**
     * @param task called on each tick, on a worker thread
     * @param onFailure receives what the task throws or fails with
     */
    public static Ticker every(Duration interval, Supplier<? extends Uni<?>> task, Consumer<Throwable> onFailure) {
        return new Ticker(Multi.createFrom().ticks().every(interval).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> Uni.createFrom().deferred(() -> run(task))
                        .onFailure().invoke(onFailure)
                        .onFailure().recoverWithNull())
                .subscribe().with(ignored -> {
                }));
    }

    private static Uni<Void> run(Supplier<? extends Uni<?>> task) {
        return task.get().replaceWithVoid();
    }

    /** Stops the ticker and cancels a run that is active. */
    @Override
    public void close() {
        subscription.cancel();
    }
}
