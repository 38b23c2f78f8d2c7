package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

import io.smallrye.mutiny.Uni;

/** Who may go: batches together, a few at most; any other step alone, before the batches that have not begun. */
final class InFlightGate {

    private final int most;
    private final Deque<Runnable> alone = new ArrayDeque<>();
    private int batches;
    private boolean aloneRuns;
    private boolean excused;
    private boolean held;

    /** @param most batches at a time */
    InFlightGate(int most) {
        this.most = most;
    }

    /** @return whether a batch may begin; then it has to {@link #leave} */
    synchronized boolean enter() {
        if (held || aloneRuns || !alone.isEmpty() || batches == most) {
            return false;
        }
        batches++;
        return true;
    }

    void leave() {
        synchronized (this) {
            batches--;
            notifyAll();
        }
        next();
    }

    /** Runs when nothing else does, once somebody is subscribed; a failed step does not hold up the next. */
    <T> Uni<T> alone(Supplier<Uni<? extends T>> step) {
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                alone.add(() -> Uni.createFrom().deferred(step).subscribe().with(item -> {
                    left();
                    emitter.complete(item);
                }, failure -> {
                    left();
                    emitter.fail(failure);
                }));
            }
            next();
        });
    }

    private void left() {
        synchronized (this) {
            aloneRuns = false;
            excused = false;
            notifyAll();
        }
        next();
    }

    private void next() {
        Runnable step;
        synchronized (this) {
            if (held || aloneRuns || batches > 0 || alone.isEmpty()) {
                return;
            }
            aloneRuns = true;
            step = alone.remove();
        }
        step.run();
    }

    /** The step that runs alone is not worth waiting for, and may need the thread that waits. */
    synchronized void excuse() {
        excused = true;
        notifyAll();
    }

    /**
     * Blocks until nothing runs that is worth waiting for, or the time is over. Nothing begins meanwhile, nor until
     * {@link #release}.
     */
    synchronized void hold(Duration atMost) {
        held = true;
        long end = System.nanoTime() + atMost.toNanos();
        try {
            for (long left; (batches > 0 || aloneRuns && !excused) && (left = end - System.nanoTime()) > 0;) {
                wait(Math.max(1, left / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void release() {
        synchronized (this) {
            held = false;
        }
        next();
    }
}
