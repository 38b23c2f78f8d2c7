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

/** The active strategies, the routing and the catalog that a whole batch is decided by. Immutable. */
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
                obstacles.add("the routing names strategy " + name + ", which has no active version");
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

    boolean isBasedOn(ActiveStrategies otherActive, Catalog otherCatalog) {
        return active == otherActive && catalog == otherCatalog;
    }

    /**
     * The obstacles that prevent activities from being decided. Strategies that the routing does not name are not
     * considered.
     */
    List<String> obstacles() {
        return obstacles;
    }

    /** The chooser of a strategy; null if it has no active version. */
    public @Nullable Chooser chooser(String strategy) {
        return choosers.get(strategy);
    }

    /**
     * The chooser that the routing selects for an activity.
     *
     * @throws UndecidableException if the activity lacks an attribute that the routing uses
     */
    public Chooser chooserFor(DecisionContext context) {
        String name = active.routing().strategyFor(context);
        Chooser chooser = choosers.get(name);
        if (chooser == null) {
            throw new IllegalStateException("strategy " + name + " has no active version");
        }
        return chooser;
    }

    /**
     * The strategy that the routing selects for an activity.
     *
     * @throws UndecidableException if the activity lacks an attribute that the routing uses
     */
    Strategy strategyFor(Activity activity) {
        return chooserFor(DecisionContext.withoutCustomer(activity)).strategy();
    }
}
