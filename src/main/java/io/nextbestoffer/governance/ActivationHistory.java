package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** All activations of one strategy, in order of their ids. The last one that has taken effect is the active one. */
record ActivationHistory(List<Activation> activations) {

    /** State of a version in its lifecycle. */
    enum VersionState {
        /** Never activated. */
        DRAFT,
        /** Activated, but not in effect yet. */
        SCHEDULED, ACTIVE,
        /** No longer active. */
        RETIRED,
        /** A draft that was discarded. */
        DISCARDED
    }

    ActivationHistory {
        activations = activations.stream().sorted(Comparator.comparingLong(Activation::id)).toList();
    }

    /** The activation in effect at this moment. */
    @Nullable
    Activation activeAt(Instant at) {
        return last(activations.stream().filter(activation -> !activation.effectiveAt().isAfter(at)).toList());
    }

    /** The newest activation, whether it has taken effect or not. */
    @Nullable
    Activation newest() {
        return last(activations);
    }

    /** The newest activation, if it has not taken effect at this moment. */
    @Nullable
    Activation scheduledAt(Instant at) {
        Activation newest = newest();
        return newest != null && newest.effectiveAt().isAfter(at) ? newest : null;
    }

    /**
     * The activation that a rollback returns to. A second rollback goes one step further back, not forward to the
     * version that the first one replaced.
     */
    @Nullable
    Activation rollbackTarget() {
        Activation newest = newest();
        return newest == null
                ? null
                : last(activations.stream().filter(activation -> activation.id() < newest.position()
                        && !activation.version().equals(newest.version())).toList());
    }

    /** The newest activation of a version. */
    @Nullable
    Activation newestOf(VersionRef version) {
        return last(activations.stream().filter(activation -> activation.version().equals(version)).toList());
    }

    VersionState state(VersionRef version, boolean discarded, Instant at) {
        if (discarded) {
            return VersionState.DISCARDED;
        }
        Activation newest = newestOf(version);
        if (newest == null) {
            return VersionState.DRAFT;
        }
        Activation active = activeAt(at);
        if (active != null && active.version().equals(version)) {
            return VersionState.ACTIVE;
        }
        return newest.effectiveAt().isAfter(at) && (active == null || newest.id() > active.id())
                ? VersionState.SCHEDULED
                : VersionState.RETIRED;
    }

    private static @Nullable Activation last(List<Activation> activations) {
        return activations.isEmpty() ? null : activations.get(activations.size() - 1);
    }
}
