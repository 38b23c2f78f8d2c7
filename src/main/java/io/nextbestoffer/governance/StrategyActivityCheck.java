package io.nextbestoffer.governance;

import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCheck;
import io.nextbestoffer.strategy.input.UndecidableException;

/** A posted activity must have what the strategy that will decide it takes from it. */
@ApplicationScoped
class StrategyActivityCheck implements ActivityCheck {

    private final Snapshots snapshots;

    StrategyActivityCheck(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    @Override
    public void check(Activity activity, BiConsumer<String, String> violation) {
        Snapshot snapshot = snapshots.forActivities();
        if (snapshot == null) {
            return; // it is taken, and decided when that is possible again
        }
        try {
            snapshot.strategyFor(activity).check(activity, violation);
        } catch (UndecidableException e) {
            violation.accept("", e.getMessage());
        }
    }
}
