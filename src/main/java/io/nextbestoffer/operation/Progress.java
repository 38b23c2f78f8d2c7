package io.nextbestoffer.operation;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.decision.Pacing;
import io.smallrye.mutiny.Uni;

/** How far an operation is. Whoever tells it, rests here while activities wait. */
final class Progress {

    private static final Duration NAP = Duration.ofMillis(50);
    private static final long BEAT_NS = Duration.ofSeconds(1).toNanos();
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int RETRIES = 6;
    /** Of one step with all its retries. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final UUID id;
    private final Operations operations;
    private final Pacing pacing;
    private final Supplier<Boolean> closed;
    private long beaten = System.nanoTime();
    private long done;
    private @Nullable Long total;

    /** @param closed whether this replica stops */
    Progress(UUID id, Operations operations, Pacing pacing, Supplier<Boolean> closed) {
        this.id = id;
        this.operations = operations;
        this.pacing = pacing;
        this.closed = closed;
        pacing.begin();
    }

    /** It was cancelled, or this replica stops. */
    static final class StoppedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        StoppedException() {
            super("stopped", null, false, false);
        }
    }

    UUID id() {
        return id;
    }

    long done() {
        return done;
    }

    @Nullable
    Long total() {
        return total;
    }

    /** @throws StoppedException if it is not to go on */
    void at(long nowDone, @Nullable Long nowTotal) {
        done = nowDone;
        total = nowTotal;
        pacing.end();
        beat();
        while (!pacing.mayBegin()) {
            LockSupport.parkNanos(NAP.toNanos());
            beat();
        }
        pacing.begin();
    }

    private void beat() {
        if (closed.get()) {
            throw new StoppedException();
        }
        if (System.nanoTime() - beaten > BEAT_NS) {
            if (!await(operations.alive(id, done, total))) {
                throw new StoppedException();
            }
            beaten = System.nanoTime();
        }
    }

    /** A step that can be repeated, which it is for a while if it fails. */
    <T> T await(Uni<T> step) {
        return step.onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).atMost(RETRIES).await().atMost(PATIENCE);
    }
}
