package io.nextbestoffer.job;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;

/** How far an operation is. Whoever tells it, rests here while activities wait. */
public final class JobProgress {

    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final long BEAT_NS = Duration.ofSeconds(1).toNanos();
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final int RETRIES = 6;
    /** Of one step with all its retries. */
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final UUID id;
    private final Jobs operations;
    private final Pacing pacing;
    private final Supplier<Boolean> closed;
    private long beaten = System.nanoTime();
    private long done;
    private @Nullable Long total;

    /** @param closed whether this replica stops */
    JobProgress(UUID id, Jobs operations, Pacing pacing, Supplier<Boolean> closed) {
        this.id = id;
        this.operations = operations;
        this.pacing = pacing;
        this.closed = closed;
        pacing.begin();
    }

    /** It was cancelled, or this replica stops. */
    public static final class JobStoppedException extends RuntimeException {

        private static final long serialVersionUID = 1;

        public JobStoppedException() {
            super("stopped", null, false, false);
        }
    }

    public UUID id() {
        return id;
    }

    long done() {
        return done;
    }

    @Nullable
    Long total() {
        return total;
    }

    /** @throws JobStoppedException if it is not to go on */
    public void at(long nowDone, @Nullable Long nowTotal) {
        done = nowDone;
        total = nowTotal;
        pacing.end();
        beat();
        while (!pacing.mayBegin()) {
            LockSupport.parkNanos(PAUSE.toNanos());
            beat();
        }
        pacing.begin();
    }

    private void beat() {
        if (closed.get()) {
            throw new JobStoppedException();
        }
        if (System.nanoTime() - beaten > BEAT_NS) {
            if (!await(operations.alive(id, done, total))) {
                throw new JobStoppedException();
            }
            beaten = System.nanoTime();
        }
    }

    /** A step that can be repeated, which it is for a while if it fails. */
    public <T> T await(Uni<T> step) {
        return step.onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).atMost(RETRIES).await().atMost(TIMEOUT);
    }
}
