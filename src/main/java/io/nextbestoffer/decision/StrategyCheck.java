package io.nextbestoffer.decision;

import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCheck;

/** A posted activity must have what the active strategy takes from it. */
@ApplicationScoped
class StrategyCheck implements ActivityCheck {

    private final ActiveStrategy active;

    StrategyCheck(ActiveStrategy active) {
        this.active = active;
    }

    @Override
    public void check(Activity activity, BiConsumer<String, String> violation) {
        active.strategy().check(activity, violation);
    }
}
