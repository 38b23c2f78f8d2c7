package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;

/**
 * Reads batches of a channel, passes them to a {@link StageHandler}, and commits the output together with the offsets
 * of the input in one Kafka transaction. Batches overlap (see {@link BatchPipeline}); everything else (opening an
 * assignment, releasing parked activities, recovering) runs alone.
 * <p>
 * SmallRye's {@code KafkaTransactions} is not used: after a failed commit it acknowledges the batch without rewinding,
 * and the next batch commits past it. Here every failure, of any kind, ends in the same recovery: new producers with
 * the same transactional ids, and the consumer back at the committed offsets (see {@link StageRecovery}).
 */
public final class ExactlyOnceStage implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ExactlyOnceStage.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    /** Batches take less than a second; one that takes longer than this waits for something that does not answer. */
    private static final Duration MAX_STEP_TIME = Duration.ofSeconds(10);

    private final String channel;
    private final PollBuffer buffer;
    private final Assignments assignments;
    private final InFlightGate gate;
    private final StageHandler handler;
    private final StageTransactions transactions;
    private final AssignmentOpener opener;
    private final StageRecovery recovery;
    private final BatchPipeline pipeline;
    private volatile boolean closed;

    ExactlyOnceStage(String channel, PollBuffer buffer, Assignments assignments, StageHandler handler,
            StageTransactions transactions, AssignmentOpener opener, StageRecovery recovery) {
        this.channel = channel;
        this.buffer = buffer;
        this.assignments = assignments;
        this.gate = assignments.gate();
        this.handler = handler;
        this.transactions = transactions;
        this.opener = opener;
        this.recovery = recovery;
        pipeline = new BatchPipeline(buffer, assignments, handler, this::commit, this::recover);
        // Opens each assignment at once, so that the first batch need not wait, and parked activities are released even
        // without a batch
        assignments.onAssigned(() -> runBetweenBatches(assignment -> Uni.createFrom().nullItem()).subscribe()
                .with(done -> {
                }));
    }

    /**
     * Prepares what the first batch needs: opens connections, and lets the handler warm up. This happens before the
     * consumer joins its group, because from then on its partitions wait for this replica. Never fails: a connection
     * that can't be opened is opened when it is needed.
     */
    public Uni<Void> warmUp() {
        return Uni.join().all(transactions.open(), handler.warmUp()).andCollectFailures()
                .onFailure().invoke(failure -> LOG.warnf("%s: could not connect in advance: %s", channel,
                        FailureSummary.of(failure)))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Takes the records of a poll. Completes when the next poll may come; never fails. */
    public Uni<Void> process(Message<?> poll) {
        var records = poll.getMetadata(IncomingKafkaRecordBatchMetadata.class).orElseThrow().getRecords();
        if (!(records instanceof PolledRecords polled)) {
            // The client removed revoked partitions from the poll; the other records are polled again after the
            // rebalance
            return Uni.createFrom().voidItem();
        }
        Uni<Void> room = buffer.add(polled);
        pipeline.advance();
        return room;
    }

    private Uni<Void> commit(Batch batch, TransactionOutput output) {
        return transactions.run(() -> {
            if (!assignments.isLive(batch.assignment())) {
                throw BatchPipeline.DROPPED;
            }
            batch.span().logged(() -> commit(batch.span(), batch.assignment(), output, batch.nextOffsets()));
        });
    }

    private void commit(BatchSpan span, Assignment assignment, TransactionOutput output,
            Map<TopicPartition, OffsetAndMetadata> next) {
        transactions.commit(span, assignment, output, next);
        recovery.committed();
        output.committed().run();
        span.committed();
    }

    private void recover(BatchSpan span, Throwable failure) {
        runAlone(() -> recovery.recoverFromBatch(span, failure)).subscribe().with(recovered -> {
        });
    }

    /**
     * Runs a step while no batch is in flight, and commits its output with the current offsets of its partitions.
     *
     * @param step gets the open assignment; returns null if nothing is to be committed
     */
    public Uni<Void> runBetweenBatches(Function<Assignment, Uni<@Nullable TransactionOutput>> step) {
        return runAlone(() -> {
            Assignment assignment = assignments.current();
            if (closed || assignment == null) {
                return Uni.createFrom().voidItem();
            }
            return opener.open(assignment).onFailure().recoverWithUni(recovery::recoverFromOpening)
                    .chain(() -> assignment.isOpen() && assignments.isLive(assignment)
                            ? commitOutputOf(step, assignment).onFailure()
                                    .recoverWithUni(failure -> recovery.recoverFromBatch(BatchSpan.OFF, failure))
                            : Uni.createFrom().voidItem());
        });
    }

    private Uni<Void> commitOutputOf(Function<Assignment, Uni<@Nullable TransactionOutput>> step,
            Assignment assignment) {
        return step.apply(assignment).ifNoItem().after(handler.timeout()).fail()
                .emitOn(transactions.thread())
                .invoke(output -> {
                    if (output != null) {
                        var offsets = new HashMap<>(assignment.committed());
                        offsets.keySet().retainAll(output.metadata().keySet());
                        commit(BatchSpan.OFF, assignment, output, offsets);
                    }
                }).replaceWithVoid();
    }

    private Uni<Void> runAlone(Supplier<Uni<? extends Void>> step) {
        return gate.<Void>runAlone(step).onItemOrFailure().invoke((done, failure) -> pipeline.advance());
    }

    /** Why this stage does not work now, or null. */
    public @Nullable String obstacle() {
        if (closed) {
            return "stopping";
        }
        if (!assignments.joined()) {
            return "has not joined its consumer group yet";
        }
        Assignment current = assignments.current();
        String failure = recovery.obstacle();
        if (failure == null && (current == null || !current.isOpen())) {
            return "taking over partitions";
        }
        return failure == null && gate.waitingTime().compareTo(MAX_STEP_TIME) > 0
                ? "a batch in flight waits for Postgres or Kafka"
                : failure;
    }

    /** Whether a full batch is queued. */
    public boolean isBehind() {
        return buffer.isFull();
    }

    /** The assignment under which batches are processed now; null if there is none, or while the stage recovers. */
    public @Nullable Assignment openAssignment() {
        Assignment current = assignments.current();
        return current != null && current.isOpen() && assignments.isLive(current) ? current : null;
    }

    /** The partitions that this replica reads now. */
    public Set<TopicPartition> partitions() {
        Assignment current = assignments.current();
        return current == null ? Set.of() : current.partitions();
    }

    /** Begins no more batches, and waits for those in flight, 5 s at most. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        recovery.close();
        pipeline.close();
        gate.hold(CLOSE_TIMEOUT);
        transactions.close();
    }
}
