package io.nextbestoffer.kafka.stage;

import java.time.Duration;

import io.smallrye.mutiny.Uni;

/**
 * The work of one {@link ExactlyOnceStage}, from a batch of input records to the output of its transaction. All of it
 * must be repeatable: after a failure the stage polls the same records again.
 */
public interface StageHandler {

    /**
     * Claims the partitions of a new assignment, before their committed offsets are read.
     *
     * @param proof commits the committed offsets once more, which succeeds only in the group's current generation
     * @return a Uni that fails if an assignment of a later generation holds one of the partitions
     */
    default Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return Uni.createFrom().voidItem();
    }

    /** Reloads all state that depends on the committed offsets, which are known now. */
    default Uni<Void> resume(Assignment assignment) {
        return Uni.createFrom().voidItem();
    }

    /**
     * Returns whether this many more records can be processed now. If not, the stage asks again until they can.
     *
     * @param inFlight records of the batches that have begun and not ended
     */
    default boolean hasRoom(int records, int inFlight) {
        return true;
    }

    /**
     * Reads a batch and computes its results. It must not write anything, because the batch before it may still be in
     * flight, and may fail.
     */
    Uni<? extends PreparedBatch> prepare(Batch batch);

    /** Prepares what the first batch would otherwise have to wait for, such as connections and compiled code. */
    default Uni<Void> warmUp() {
        return Uni.createFrom().voidItem();
    }

    /** Timeout of each of these calls: a database can vanish without closing its connections. */
    default Duration timeout() {
        return Duration.ofMinutes(1);
    }
}
