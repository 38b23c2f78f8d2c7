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
 * Selects the strategy that decides an activity: that of the first route whose condition holds, or the default.
 *
 * @param fallback the strategy for activities without a matching route
 */
public record Routing(int version, String description, AttributeSchema schema, List<Route> routes, String fallback,
        List<Finding> findings) implements Document {

    /** The name under which the routing is saved; no strategy can have it. */
    public static final String NAME = "routing";

    /** @param when a condition on the attributes of the activity */
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

    /** All strategies that it can select, including the default. */
    public Set<String> strategies() {
        Set<String> all = new LinkedHashSet<>();
        routes.forEach(route -> all.add(route.strategy()));
        all.add(fallback);
        return all;
    }

    /**
     * The name of the strategy that decides an activity.
     *
     * @throws UndecidableException if an attribute that the routing reads is missing, of another type or outside its
     *     limits, or if a condition can't be computed
     */
    public String strategyFor(DecisionContext context) {
        if (routes.isEmpty()) {
            return fallback;
        }
        Inputs inputs = schema.inputs(context);
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
