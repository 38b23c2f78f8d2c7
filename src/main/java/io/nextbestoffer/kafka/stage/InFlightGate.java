package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

import io.smallrye.mutiny.Uni;

/**
 * Controls the concurrency of a stage: either up to a few batches run together, or one other step runs alone. A waiting
 * step takes precedence over batches that have not begun.
 */
final class InFlightGate {

    private final int maxBatches;
    private final Deque<Runnable> waitingSteps = new ArrayDeque<>();
    private int batches;
    private boolean stepRuns;
    private boolean stepAwaited = true;
    private boolean held;
    /** When a batch last ended, or a batch or step last began while nothing else ran; by {@link System#nanoTime}. */
    private long lastProgress;

    InFlightGate(int maxBatches) {
        this.maxBatches = maxBatches;
    }

    /** @return whether a batch may begin; if so, it has to {@link #leave} when it ends */
    synchronized boolean enter() {
        if (held || stepRuns || !waitingSteps.isEmpty() || batches == maxBatches) {
            return false;
        }
        if (batches++ == 0) {
            lastProgress = System.nanoTime();
        }
        return true;
    }

    void leave() {
        synchronized (this) {
            lastProgress = System.nanoTime();
        }
        withdraw();
    }

    /** Takes back an {@link #enter}, because there was no batch that could begin. */
    void withdraw() {
        synchronized (this) {
            batches--;
            notifyAll();
        }
        runNext();
    }

    /** Runs a step while nothing else runs. It is queued on subscription; the next step runs even if this one fails. */
    <T> Uni<T> runAlone(Supplier<Uni<? extends T>> step) {
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                waitingSteps.add(() -> Uni.createFrom().deferred(step).subscribe().with(item -> {
                    stepEnded();
                    emitter.complete(item);
                }, failure -> {
                    stepEnded();
                    emitter.fail(failure);
                }));
            }
            runNext();
        });
    }

    private void stepEnded() {
        synchronized (this) {
            stepRuns = false;
            stepAwaited = true;
            notifyAll();
        }
        runNext();
    }

    /** How long something has been running while nothing has ended; zero if nothing runs. */
    synchronized Duration waitingTime() {
        return batches > 0 || stepRuns ? Duration.ofNanos(System.nanoTime() - lastProgress) : Duration.ZERO;
    }

    private void runNext() {
        Runnable step;
        synchronized (this) {
            if (held || stepRuns || batches > 0 || waitingSteps.isEmpty()) {
                return;
            }
            stepRuns = true;
            lastProgress = System.nanoTime();
            step = waitingSteps.remove();
        }
        step.run();
    }

    /** Makes {@link #hold} stop waiting for the step that runs now, because the step may need the waiting thread. */
    synchronized void stopAwaitingStep() {
        stepAwaited = false;
        notifyAll();
    }

    /**
     * Lets nothing begin until {@link #release}, and blocks until everything that runs has ended, except a step that is
     * not awaited.
     */
    synchronized void hold(Duration timeout) {
        held = true;
        long end = System.nanoTime() + timeout.toNanos();
        try {
            for (long left; (batches > 0 || stepRuns && stepAwaited) && (left = end - System.nanoTime()) > 0;) {
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
        runNext();
    }
}
