package io.nextbestoffer.governance;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;

/**
 * The active routing and strategies at one moment. Immutable.
 *
 * @param strategies the active version of each strategy, by its name
 */
public record ActiveStrategies(Routing routing, Map<String, Strategy> strategies) {

    public ActiveStrategies {
        strategies = Map.copyOf(strategies);
    }

    public @Nullable Strategy get(String name) {
        return strategies.get(name);
    }
}
