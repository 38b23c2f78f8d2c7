package io.nextbestoffer.kafka.stage;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

import io.smallrye.mutiny.Uni;

/** Runs asynchronous steps one after another, in the order in which they are added. */
final class SerialQueue {

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;

    /** Queues a step on subscription. The next step runs even if this one fails. */
    <T> Uni<T> run(Supplier<Uni<? extends T>> step) {
        return Uni.createFrom().emitter(emitter -> enter(() -> Uni.createFrom().deferred(step)
                .subscribe().with(item -> {
                    leave();
                    emitter.complete(item);
                }, failure -> {
                    leave();
                    emitter.fail(failure);
                })));
    }

    private void enter(Runnable step) {
        synchronized (this) {
            if (busy) {
                waiting.add(step);
                return;
            }
            busy = true;
        }
        step.run();
    }

    private void leave() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                busy = false;
                return;
            }
        }
        next.run();
    }
}
