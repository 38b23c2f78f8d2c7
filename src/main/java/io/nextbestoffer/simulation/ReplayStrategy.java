package io.nextbestoffer.simulation;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * A strategy that decides cases.
 * <p>
 * A strategy can't decide by an attribute that it declares as protected without a reason; the declaration only serves
 * to measure fairness. If such an attribute was not recorded, its value comes from the customer's present profile, or
 * else is any value of its type. All other attributes must have been recorded, because today's values were not known at
 * the time.
 */
final class ReplayStrategy {

    private final Chooser chooser;
    private final List<Attribute> measuredOnly;
    private final List<Attribute> withDefaults;

    ReplayStrategy(Chooser chooser) {
        this.chooser = chooser;
        withDefaults = chooser.strategy().inputs().stream().filter(attribute -> attribute.defaultValue() != null)
                .toList();
        measuredOnly = chooser.strategy().inputs().stream()
                .filter(attribute -> attribute.protection() != null && attribute.protection().because() == null)
                .toList();
    }

    Strategy strategy() {
        return chooser.strategy();
    }

    /** @param segments null if they are unknown, because they could depend on an unknown attribute */
    record ReplayedDecision(DecidedOffer offer, @Nullable List<String> segments) {
    }

    /** @throws UndecidableException if an input is missing, of another type or outside its limits */
    ReplayedDecision decide(Case one, @Nullable Customer profile) {
        boolean known = true;
        Inputs inputs;
        List<Attribute> missing = missing(measuredOnly, one);
        if (missing.isEmpty()) {
            inputs = strategy().inputs(one.inputs());
        } else {
            try {
                inputs = strategy().inputs(filled(one, missing, profile));
            } catch (UndecidableException e) {
                inputs = strategy().inputs(filled(one, missing));
                known = false;
            }
        }
        return new ReplayedDecision(choose(inputs, one.at()), known ? strategy().segments(inputs) : null);
    }

    private DecidedOffer choose(Inputs inputs, Instant at) {
        Choice choice = chooser.choose(inputs, at);
        return new DecidedOffer(choice.offer().id(), choice.offer().name(),
                choice.ranking().isEmpty() ? null : choice.ranking().get(0).score(),
                !choice.offer().id().equals(strategy().otherwise()));
    }

    /** Returns the attributes that were not recorded. */
    private static List<Attribute> missing(List<Attribute> attributes, Case one) {
        return attributes.isEmpty()
                ? attributes
                : attributes.stream()
                        .filter(attribute -> one.inputs().get(attribute.source()).get(attribute.name()) == null)
                        .toList();
    }

    private static Map<String, Map<String, Object>> filled(Case one, List<Attribute> missing,
            @Nullable Customer profile) {
        var filled = copy(one);
        for (Attribute attribute : missing) {
            if (profile != null && attribute.source().equals(DecisionContext.CUSTOMER)) {
                filled.get(attribute.source()).put(attribute.name(), profile.attributes().get(attribute.name()));
            }
        }
        return filled;
    }

    private static Map<String, Map<String, Object>> filled(Case one, List<Attribute> missing) {
        var filled = copy(one);
        missing.forEach(attribute -> filled.get(attribute.source()).put(attribute.name(), any(attribute)));
        return filled;
    }

    private static Map<String, Map<String, Object>> copy(Case one) {
        return Map.of(DecisionContext.ACTIVITY, new HashMap<>(one.inputs().get(DecisionContext.ACTIVITY)),
                DecisionContext.CUSTOMER,
                new HashMap<>(one.inputs().get(DecisionContext.CUSTOMER)));
    }

    /**
     * Returns any value of the attribute's type. It can't be out of range: measured-only attributes have no limits,
     * because a limit would let the strategy decide by the attribute.
     */
    private static Object any(Attribute attribute) {
        return switch (attribute.type()) {
            case STRING, UNKNOWN -> "";
            case BOOLEAN -> false;
            case STRINGS -> List.of();
            case INT -> 0L;
            case DOUBLE -> 0.0;
        };
    }

    /** Returns the inputs that took their defaults because they were not recorded. */
    List<Attribute> defaulted(Case one) {
        return missing(withDefaults, one);
    }
}
