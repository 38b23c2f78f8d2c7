package io.nextbestoffer.stream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

import io.smallrye.mutiny.Uni;

/** Runs asynchronous steps one after another, in the order they came. */
final class Lane {

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean released;

    /** The step starts when its turn has come and somebody is subscribed; a failed step does not hold up the next. */
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
            released = false;
            next = waiting.poll();
            if (next == null) {
                busy = false;
                notifyAll();
                return;
            }
        }
        next.run();
    }

    /** The step that runs is not worth waiting for any more, and may need the thread that waits. */
    synchronized void release() {
        released = true;
        notifyAll();
    }

    /** Blocks until no step runs that is worth it, or the time is over. */
    synchronized void awaitIdle(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (long left; busy && !released && (left = end - System.nanoTime()) > 0;) {
                wait(Math.max(1, left / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
