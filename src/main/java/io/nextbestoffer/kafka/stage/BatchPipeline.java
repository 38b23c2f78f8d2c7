package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.stage.ExactlyOnceStage.Prepared;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;

/**
 * Takes what has gathered in the inbox through three steps. As long as there is enough for full batches, they overlap:
 * while one is committed, the next is stored and a third prepared. Each step sees the batches in their order, and none
 * after one that failed.
 */
final class BatchPipeline {

    /** What is done with them. */
    interface Steps {

        /** @return null if no partitions are assigned */
        @Nullable
        Assignment assignment();

        /** Whether so many records may be taken on now, beside those in flight; asked again until they may. */
        boolean hasRoom(int records, int inFlight);

        BatchSpan begin(Batch batch);

        Uni<Prepared> prepare(Batch batch);

        Uni<TransactionOutput> store(BatchSpan span, Prepared prepared);

        /** @param next the offsets after the batch */
        Uni<Void> commit(BatchSpan span, Assignment assignment, TransactionOutput outcome,
                Map<TopicPartition, OffsetAndMetadata> next);

        /** Once for each assignment, before any batch goes on: none of it will. */
        void failed(BatchSpan span, Assignment assignment, Throwable failure);
    }

    /** What is known of a batch when its records are no longer needed: they are many, and would fill the memory. */
    private record InFlightBatch(Assignment assignment, int size, Map<TopicPartition, OffsetAndMetadata> next,
            BatchSpan span, AtomicBoolean ended) {
    }

    /** What is left of a batch when its assignment is over: nothing to do, it will be polled again. */
    static final RuntimeException DROPPED = new CancellationException();

    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    private static final int SMALL_AT_A_TIME = 1;

    private final PollBuffer inbox;
    private final InFlightGate flow;
    private final Steps steps;
    private final SerialQueue preparing = new SerialQueue();
    private final SerialQueue storing = new SerialQueue();
    private final SerialQueue committing = new SerialQueue();
    private final AtomicInteger advances = new AtomicInteger();
    private final AtomicBoolean looksAgain = new AtomicBoolean();
    /** Of batches that have begun and not ended. */
    private final AtomicInteger recordsInFlight = new AtomicInteger();
    private volatile boolean closed;

    BatchPipeline(PollBuffer inbox, InFlightGate flow, Steps steps) {
        this.inbox = inbox;
        this.flow = flow;
        this.steps = steps;
    }

    /** Begins what may begin. Whoever comes while another is at it lets that one go round again: order. */
    void advance() {
        if (advances.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        do {
            while (!closed && flow.enter()) {
                if (!tryBegin()) {
                    flow.leave();
                    break;
                }
            }
            seen = advances.addAndGet(-seen);
        } while (seen > 0);
    }

    /** Begins no more. */
    void close() {
        closed = true;
    }

    private boolean tryBegin() {
        try {
            return begin();
        } catch (RuntimeException | Error e) {
            Assignment current = steps.assignment();
            if (current != null) {
                failed(BatchSpan.OFF, current, e);
            }
            return false;
        }
    }

    private boolean begin() {
        Assignment current = steps.assignment();
        if (current != null && !current.isOpen()) {
            // It is about to be opened: after each assignment and each rewind
            return false;
        }
        int next = inbox.next();
        if (!inbox.isFull() && recordsInFlight.get() > 0) {
            // A small batch takes nearly as long and costs nearly as much as a large one: what comes is the sooner
            // committed if it waits for the one on its way than if it goes behind it and makes work for all
            return false;
        }
        if (next > 0 && !steps.hasRoom(next, recordsInFlight.get())) {
            lookAgain();
            return false;
        }
        Batch batch = inbox.take(current);
        if (batch == null) {
            return false;
        }
        BatchSpan span = steps.begin(batch);
        var passage = new InFlightBatch(batch.assignment(), batch.size(), batch.nextOffsets(), span,
                new AtomicBoolean());
        recordsInFlight.addAndGet(batch.size());
        step(preparing, passage, () -> steps.prepare(batch),
                prepared -> step(storing, passage, () -> steps.store(span, prepared),
                        outcome -> step(committing, passage,
                                () -> steps.commit(span, passage.assignment(), outcome, passage.next()),
                                committed -> end(passage))));
        return true;
    }

    private void lookAgain() {
        if (looksAgain.compareAndSet(false, true)) {
            Uni.createFrom().voidItem().onItem().delayIt().by(LOOK_AGAIN).subscribe().with(ignored -> {
                looksAgain.set(false);
                advance();
            });
        }
    }

    /**
     * The next step is entered before this one is left, so that no batch overtakes another; and a failure is known
     * before it is left, so that no batch goes on behind one that failed.
     */
    private <T> void step(SerialQueue lane, InFlightBatch passage, Supplier<Uni<T>> step, Consumer<T> next) {
        lane.<T>run(() -> isLive(passage.assignment())
                ? Uni.createFrom().<T>deferred(step::get).invoke(next)
                        .onFailure().invoke(failure -> failed(passage.span(), passage.assignment(), failure))
                : Uni.createFrom().failure(DROPPED))
                .subscribe().with(item -> {
                }, failure -> end(passage));
    }

    private void failed(BatchSpan span, Assignment assignment, Throwable failure) {
        span.failed(failure);
        if (failure != DROPPED && assignment.fail()) {
            steps.failed(span, assignment, failure);
        }
    }

    private void end(InFlightBatch passage) {
        if (passage.ended().compareAndSet(false, true)) {
            recordsInFlight.addAndGet(-passage.size());
            passage.span().end();
            flow.leave();
            advance();
        }
    }

    /** Whether anything may still be done under this assignment. */
    boolean isLive(Assignment assignment) {
        return assignment == steps.assignment() && !assignment.hasFailed();
    }
}
