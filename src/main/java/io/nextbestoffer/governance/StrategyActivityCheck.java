package io.nextbestoffer.governance;

import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCheck;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Rejects a posted activity that lacks attributes of the strategy that will decide it. */
@ApplicationScoped
class StrategyActivityCheck implements ActivityCheck {

    private final Snapshots snapshots;
    private final MeterRegistry metrics;

    StrategyActivityCheck(Snapshots snapshots, MeterRegistry metrics) {
        this.snapshots = snapshots;
        this.metrics = metrics;
    }

    @Override
    public void check(Activity activity, BiConsumer<String, String> violation) {
        Snapshot snapshot = snapshots.forActivities();
        if (snapshot == null) {
            return; // accepted unchecked, and decided once a snapshot is available
        }
        try {
            snapshot.strategyFor(activity).check(activity, (attribute, message) -> {
                violation.accept(attribute.name(), message);
                UndecidableAttributes.REST.count(metrics, attribute.reference(), 1);
            });
        } catch (UndecidableException e) {
            violation.accept("", e.getMessage());
            if (e.attribute() != null) {
                UndecidableAttributes.REST.count(metrics, e.attribute(), 1);
            }
        }
    }
}
