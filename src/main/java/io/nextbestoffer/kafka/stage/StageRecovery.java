package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.function.Supplier;

import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.smallrye.mutiny.Uni;

/**
 * Recovers a stage from failures, always in the same way: it rewinds to the committed offsets, and retries until that
 * succeeds. It runs while no batch is in flight.
 */
final class StageRecovery {

    private static final Logger LOG = Logger.getLogger(StageRecovery.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    /** Limits the pause after a batch that fails repeatedly: the first pause is doubled up to this many times. */
    private static final int MAX_DOUBLINGS = 6;

    private final String channel;
    private final InFlightGate gate;
    private final DeadLetters deadLetters;
    private final Supplier<Uni<Void>> rewind;
    private volatile @Nullable String obstacle;
    /** Number of batches that have failed since the last commit. */
    private volatile int failedBatches;
    private volatile boolean closed;

    /** @param rewind rewinds to the committed offsets, with new producers */
    StageRecovery(String channel, InFlightGate gate, DeadLetters deadLetters, Supplier<Uni<Void>> rewind) {
        this.channel = channel;
        this.gate = gate;
        this.deadLetters = deadLetters;
        this.rewind = rewind;
    }

    /** Why the stage does not work now, or null. */
    @Nullable
    String obstacle() {
        return obstacle;
    }

    /**
     * Recovers from the failure of a batch. The obstacle stays until a commit, because the same records are polled
     * again.
     */
    Uni<Void> recoverFromBatch(BatchSpan span, Throwable failure) {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(failedBatches++, MAX_DOUBLINGS));
        return recover(span, failure).onFailure().recoverWithNull().onItem().delayIt().by(pause);
    }

    /** Recovers from a failure to open an assignment. The obstacle is gone after the rewind. */
    Uni<Void> recoverFromOpening(Throwable failure) {
        return recover(BatchSpan.OFF, failure).invoke(() -> obstacle = null).onFailure().recoverWithNull();
    }

    /** @return a Uni that fails only when closed */
    private Uni<Void> recover(BatchSpan span, Throwable failure) {
        span.logged(() -> report(failure));
        // This step commits nothing, and a rebalance that waited for it would block the polling thread, which the
        // rewind needs
        gate.stopAwaitingStep();
        return Uni.createFrom().<Void>deferred(rewind::get)
                .onFailure().invoke(this::report)
                .onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).until(again -> !closed)
                .invoke(() -> LOG.infof("%s: continuing from the committed offsets", channel));
    }

    private void report(Throwable failure) {
        if (closed) {
            return;
        }
        if (FailureSummary.isCausedBy(failure, RecordTooLargeException.class)) {
            deadLetters.shrink();
        }
        obstacle = failure.getClass().getSimpleName();
        LOG.warnf("%s: %s; rewinding to the committed offsets", channel, FailureSummary.of(failure));
        LOG.debug(channel, failure);
    }

    /** Clears the obstacle, because a transaction was committed. */
    void committed() {
        failedBatches = 0;
        obstacle = null;
    }

    /** Stops retrying. */
    void close() {
        closed = true;
    }
}
