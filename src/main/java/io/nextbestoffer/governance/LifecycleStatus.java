package io.nextbestoffer.governance;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.governance.ActivationHistory.VersionState;

/**
 * The activations of a strategy, as of one moment.
 *
 * @param at when they were read, by the clock of the database
 */
record LifecycleStatus(ActivationHistory history, Instant at) {

    @Nullable
    Activation active() {
        return history.activeAt(at);
    }

    @Nullable
    Activation scheduled() {
        return history.scheduledAt(at);
    }

    VersionState state(StoredVersion version) {
        return history.state(version.version(), version.discarded(), at);
    }
}
