package io.nextbestoffer.governance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

/** What a whole batch is decided by. Immutable. */
public final class Snapshot {

    private final ActiveStrategies active;
    private final Catalog catalog;
    private final Map<String, Chooser> choosers = new LinkedHashMap<>();
    private final List<String> obstacles = new ArrayList<>();

    public Snapshot(ActiveStrategies active, Catalog catalog) {
        this.active = active;
        this.catalog = catalog;
        active.strategies().forEach((name, strategy) -> choosers.put(name, strategy.on(catalog)));
        for (String name : active.routing().strategies()) {
            Chooser chooser = choosers.get(name);
            if (chooser == null) {
                obstacles.add("the routing names strategy " + name + ", of which no version is active");
            } else {
                chooser.obstacles().forEach(obstacle -> obstacles.add("strategy " + name + ": " + obstacle));
            }
        }
    }

    public ActiveStrategies active() {
        return active;
    }

    public Catalog catalog() {
        return catalog;
    }

    boolean isOf(ActiveStrategies otherActive, Catalog otherCatalog) {
        return active == otherActive && catalog == otherCatalog;
    }

    /** What keeps activities from being decided; strategies that none is routed to do not count. */
    List<String> obstacles() {
        return obstacles;
    }

    /** @return null if no version of it is active */
    public @Nullable Chooser chooser(String strategy) {
        return choosers.get(strategy);
    }

    /** @throws UndecidableException if the routing looks at what the activity does not have */
    public Chooser chooserFor(DecisionContext context) {
        String name = active.routing().strategyFor(context);
        Chooser chooser = choosers.get(name);
        if (chooser == null) {
            throw new IllegalStateException("no version of strategy " + name + " is active");
        }
        return chooser;
    }

    /** @throws UndecidableException if the routing looks at what the activity does not have */
    Strategy strategyFor(Activity activity) {
        return chooserFor(DecisionContext.withoutCustomer(activity)).strategy();
    }
}
