package io.nextbestoffer.governance;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;

/** The documents in force at one moment, immutable. The same object as long as nothing changes. */
public record ActiveStrategies(Routing routing, Map<String, Strategy> strategies) {

    public ActiveStrategies {
        strategies = Map.copyOf(strategies);
    }

    public @Nullable Strategy get(String name) {
        return strategies.get(name);
    }
}
