package io.nextbestoffer.governance;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** All activations of one strategy, in their order. Of those whose time has come, the last one counts. */
record ActivationHistory(List<Activation> activations) {

    /** Where a version stands. */
    enum State {
        /** Was never activated. */
        DRAFT,
        /** Will be active in a moment. */
        SCHEDULED, ACTIVE,
        /** Was active. */
        RETIRED,
        /** A draft that somebody threw away. */
        DISCARDED
    }

    ActivationHistory {
        activations = activations.stream().sorted(Comparator.comparingLong(Activation::id)).toList();
    }

    /** What decides at this moment. */
    @Nullable
    Activation activeAt(Instant at) {
        Activation active = null;
        for (Activation one : activations) {
            active = one.effectiveAt().isAfter(at) ? active : one;
        }
        return active;
    }

    /** Active, or about to be. */
    @Nullable
    Activation newest() {
        return activations.isEmpty() ? null : activations.get(activations.size() - 1);
    }

    /** The newest one, if its time has not come yet. */
    @Nullable
    Activation scheduledAt(Instant at) {
        Activation newest = newest();
        return newest != null && newest.effectiveAt().isAfter(at) ? newest : null;
    }

    /** What a rollback goes back to: a second one goes on, not back to what the first one has removed. */
    @Nullable
    Activation beforeNewest() {
        Activation newest = newest();
        Activation before = null;
        for (Activation one : activations) {
            if (newest != null && one.id() < newest.place() && !one.version().equals(newest.version())) {
                before = one;
            }
        }
        return before;
    }

    State state(int version, boolean discarded, Instant at) {
        if (discarded) {
            return State.DISCARDED;
        }
        Activation active = activeAt(at);
        if (active != null && active.version().version() == version) {
            return State.ACTIVE;
        }
        Activation last = activations.stream().filter(one -> one.version().version() == version)
                .reduce((one, later) -> later).orElse(null);
        if (last == null) {
            return State.DRAFT;
        }
        return last.effectiveAt().isAfter(at) && (active == null || last.id() > active.id())
                ? State.SCHEDULED
                : State.RETIRED;
    }
}
