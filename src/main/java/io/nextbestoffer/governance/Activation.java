package io.nextbestoffer.governance;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A version was made the active one.
 *
 * @param id greater than those of all activations before
 * @param effectiveAt from when on, by the clock of the database
 * @param restores of a rollback: the activation it goes back to
 */
record Activation(long id, VersionRef version, Instant effectiveAt, @Nullable Long restores) {

    /** A rollback stands where the activation stands that it goes back to. */
    long place() {
        return restores == null ? id : restores;
    }
}
