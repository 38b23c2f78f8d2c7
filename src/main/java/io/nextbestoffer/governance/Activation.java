package io.nextbestoffer.governance;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A row of the history of activations: a version of a strategy becomes the active one.
 *
 * @param id greater than the ids of all earlier activations
 * @param effectiveAt when it takes effect, by the clock of the database
 * @param restores the id of the activation that a rollback returns to; null if this is no rollback
 */
record Activation(long id, VersionRef version, Instant effectiveAt, @Nullable Long restores) {

    /** Position in the history for further rollbacks: a rollback takes the position of the activation it returns to. */
    long position() {
        return restores == null ? id : restores;
    }
}
