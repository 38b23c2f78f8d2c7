package io.nextbestoffer.strategy;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.AttributeSchema;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * Which strategy decides an activity: the first whose condition holds, or the default one.
 *
 * @param fallback decides if no route does
 */
public record Routing(int version, String description, AttributeSchema declared, List<Route> routes, String fallback,
        List<Finding> findings) implements Document {

    /** Under which it is saved: no strategy can have this name. */
    public static final String NAME = "routing";

    /** @param when looks at the activity only */
    public record Route(Expression when, String strategy) {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String kind() {
        return NAME;
    }

    /** All it can choose, the default one included. */
    public Set<String> strategies() {
        Set<String> all = new LinkedHashSet<>();
        routes.forEach(route -> all.add(route.strategy()));
        all.add(fallback);
        return all;
    }

    /** @throws UndecidableException if an attribute it looks at is missing or of another type */
    public String strategyFor(DecisionContext context) {
        if (routes.isEmpty()) {
            return fallback;
        }
        Inputs inputs = declared.inputs(context);
        for (Route route : routes) {
            try {
                if (route.when().test(inputs)) {
                    return route.strategy();
                }
            } catch (UncomputableException e) {
                throw new UndecidableException("the route to strategy " + route.strategy()
                        + " can't be computed: " + e.getMessage());
            }
        }
        return fallback;
    }
}
