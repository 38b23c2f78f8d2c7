package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;

/**
 * Takes batches from the poll buffer through three steps: prepare, store, commit. As long as the buffer fills whole
 * batches, they overlap: while one is committed, the next is stored and a third prepared. Each step sees the batches in
 * their order, and none after one that failed.
 */
final class BatchPipeline {

    /** Ends a batch whose assignment is over. Not a failure: its records are polled again. */
    static final RuntimeException DROPPED = new CancellationException();

    private static final Duration ROOM_POLL_INTERVAL = Duration.ofMillis(250);

    private final PollBuffer buffer;
    private final Assignments assignments;
    private final InFlightGate gate;
    private final StageHandler handler;
    private final BiFunction<Batch, TransactionOutput, Uni<Void>> commit;
    private final BiConsumer<BatchSpan, Throwable> onFailure;
    private final SerialQueue preparing = new SerialQueue();
    private final SerialQueue storing = new SerialQueue();
    private final SerialQueue committing = new SerialQueue();
    private final AtomicInteger advanceRequests = new AtomicInteger();
    private final AtomicBoolean waitsForRoom = new AtomicBoolean();
    /** Records of the batches that have begun and not ended. */
    private final AtomicInteger recordsInFlight = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param commit commits the output of a batch with its offsets
     * @param onFailure called once per assignment, for the first of its batches to fail; none of the others continues
     */
    BatchPipeline(PollBuffer buffer, Assignments assignments, StageHandler handler,
            BiFunction<Batch, TransactionOutput, Uni<Void>> commit, BiConsumer<BatchSpan, Throwable> onFailure) {
        this.buffer = buffer;
        this.assignments = assignments;
        this.gate = assignments.gate();
        this.handler = handler;
        this.commit = commit;
        this.onFailure = onFailure;
    }

    /**
     * Begins every batch that can begin now. A call during another call only makes the other one try once more, so that
     * batches begin in order.
     */
    void advance() {
        if (advanceRequests.getAndIncrement() > 0) {
            return;
        }
        int handled = 1;
        do {
            while (!closed && gate.enter()) {
                if (!tryBegin()) {
                    gate.withdraw();
                    break;
                }
            }
            handled = advanceRequests.addAndGet(-handled);
        } while (handled > 0);
    }

    /** Begins no further batches. */
    void close() {
        closed = true;
    }

    private boolean tryBegin() {
        try {
            return begin();
        } catch (RuntimeException | Error e) {
            Assignment current = assignments.current();
            if (current != null) {
                failed(BatchSpan.OFF, current, e);
            }
            return false;
        }
    }

    private boolean begin() {
        Assignment current = assignments.current();
        if (current != null && !current.isOpen()) {
            // The assignment is being opened, as after every rebalance and every rewind
            return false;
        }
        Batch batch = nextBatch(current);
        if (batch == null) {
            return false;
        }
        recordsInFlight.addAndGet(batch.size());
        prepare(batch);
        return true;
    }

    private @Nullable Batch nextBatch(@Nullable Assignment current) {
        if (!buffer.isFull() && recordsInFlight.get() > 0) {
            // A small batch takes nearly as long and costs nearly as much as a large one. Its records are committed
            // sooner if they wait for the batch in flight than if they follow it and slow down both
            return null;
        }
        int records = buffer.nextSize();
        if (records > 0 && !handler.hasRoom(records, recordsInFlight.get())) {
            advanceLater();
            return null;
        }
        return buffer.take(current);
    }

    private void prepare(Batch batch) {
        step(preparing, batch, () -> handler.prepare(batch), prepared -> {
            batch.releaseRecords();
            store(batch, prepared);
        });
    }

    private void store(Batch batch, PreparedBatch prepared) {
        step(storing, batch, prepared::store, output -> commit(batch, output));
    }

    private void commit(Batch batch, TransactionOutput output) {
        step(committing, batch, () -> commit.apply(batch, output), committed -> end(batch));
    }

    private void advanceLater() {
        if (waitsForRoom.compareAndSet(false, true)) {
            Uni.createFrom().voidItem().onItem().delayIt().by(ROOM_POLL_INTERVAL).subscribe().with(ignored -> {
                waitsForRoom.set(false);
                advance();
            });
        }
    }

    /**
     * Runs one step of a batch in its turn. The batch enters the queue of its next step before it leaves this one, so
     * that no batch overtakes another. A failure is recorded before the batch leaves, so that no batch continues behind
     * one that failed.
     */
    private <T> void step(SerialQueue queue, Batch batch, Supplier<Uni<? extends T>> step, Consumer<T> next) {
        queue.<T>run(() -> assignments.isLive(batch.assignment())
                ? Uni.createFrom().<T>deferred(step).invoke(next)
                        .onFailure().invoke(failure -> failed(batch.span(), batch.assignment(), failure))
                : Uni.createFrom().failure(DROPPED))
                .subscribe().with(item -> {
                }, failure -> end(batch));
    }

    private void failed(BatchSpan span, Assignment assignment, Throwable failure) {
        span.failed(failure);
        if (failure != DROPPED && assignment.markFailed()) {
            onFailure.accept(span, failure);
        }
    }

    private void end(Batch batch) {
        if (batch.end()) {
            recordsInFlight.addAndGet(-batch.size());
            gate.leave();
            advance();
        }
    }
}
