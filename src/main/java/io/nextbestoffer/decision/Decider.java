package io.nextbestoffer.decision;

import java.time.Instant;
import java.util.UUID;

import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Decides for one activity: a pure function of its arguments. */
final class Decider {

    private Decider() {
    }

    /** @throws UndecidableException if an attribute that the strategy needs is missing or has another type */
    static Decision decide(UUID id, DecisionContext context, Snapshot snapshot, Instant activityTime,
            Instant now) {
        Chooser chooser = snapshot.chooserFor(context);
        Inputs inputs = chooser.strategy().inputs(context);
        return new Decision(id, context.activity(), chooser.choose(inputs, now), chooser.strategy(),
                snapshot.catalog().revision(), inputs, activityTime, now);
    }
}
