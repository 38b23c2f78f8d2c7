package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Explanation.Change;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Scope;
import io.nextbestoffer.strategy.input.Type;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * Looks for the smallest changes of one attribute that would have given another offer: just where a comparison comes
 * out otherwise. Each is tried.
 */
final class Changes {

    /** Of one explanation: a document can have very many comparisons. */
    private static final int MAX_TRIES = 2_000;

    private final Chooser chooser;
    private final Inputs inputs;
    private final Instant at;
    private final Choice actual;
    private final Map<Attribute, Set<Try>> tries = new LinkedHashMap<>();

    Changes(Chooser chooser, Inputs inputs, Instant at, Choice actual) {
        this.chooser = chooser;
        this.inputs = inputs;
        this.at = at;
        this.actual = actual;
    }

    /** @param distance from the actual value, relative to it; 1 for what is no number */
    private record Try(Object value, String text, double distance) {
    }

    /** @param scope of the offer whose attributes the comparisons may look at */
    void add(Collection<Comparison> comparisons, Scope scope) {
        for (Comparison comparison : comparisons) {
            try {
                add(comparison.attribute(), comparison.other().apply(scope));
            } catch (UncomputableException e) {
                // compared with nothing
            }
        }
    }

    private void add(Attribute attribute, Object other) {
        Object value = inputs.get(attribute);
        Set<Try> ofAttribute = tries.computeIfAbsent(attribute, any -> new LinkedHashSet<>());
        for (Object one : other instanceof Collection<?> several ? several : List.of(other)) {
            if (attribute.type() == Type.INT && one instanceof Long bound) {
                for (long near = bound - 1; near <= bound + 1; near++) {
                    add(attribute, ofAttribute, near, Long.toString(near), near == (Long) value, near > (Long) value);
                }
            } else if (attribute.type() == Type.DOUBLE && one instanceof Double bound) {
                double actually = (Double) value;
                add(attribute, ofAttribute, bound, bound.toString(), bound == actually, bound > actually);
                add(ofAttribute, Math.nextUp(bound), "more than " + bound, Math.nextUp(bound) > actually, actually);
                add(ofAttribute, Math.nextDown(bound), "less than " + bound, Math.nextDown(bound) < actually,
                        actually);
            } else if (attribute.type() == Type.BOOLEAN) {
                ofAttribute.add(new Try(!(Boolean) value, Boolean.toString(!(Boolean) value), 1));
            } else if (attribute.type() == Type.STRING) {
                ofAttribute.add(one.equals(value)
                        ? new Try(one + " ", "something else than \"" + one + "\"", 1)
                        : new Try(one, "\"" + one + "\"", 1));
            }
        }
    }

    private void add(Attribute attribute, Set<Try> ofAttribute, Number near, String text, boolean same, boolean up) {
        if (!same) {
            double actually = ((Number) inputs.get(attribute)).doubleValue();
            ofAttribute.add(new Try(near, (up ? "at least " : "at most ") + text,
                    distance(near.doubleValue(), actually)));
        }
    }

    private static void add(Set<Try> ofAttribute, double value, String text, boolean fits, double actually) {
        if (fits && Double.isFinite(value)) {
            ofAttribute.add(new Try(value, text, distance(value, actually)));
        }
    }

    private static double distance(double value, double actually) {
        double scale = Math.max(Math.abs(value), Math.abs(actually));
        return scale == 0 ? 0 : Math.abs(value - actually) / scale;
    }

    /** For each attribute the smallest, the smallest of all first. */
    List<Change> found() {
        record Found(Change change, double distance) {
        }
        var found = new ArrayList<Found>();
        int left = MAX_TRIES;
        for (var ofAttribute : tries.entrySet()) {
            for (Try one : ofAttribute.getValue().stream().sorted(Comparator.comparingDouble(Try::distance)).toList()) {
                Choice choice = left-- > 0 ? choose(ofAttribute.getKey(), one.value()) : null;
                if (choice != null && !choice.offer().id().equals(actual.offer().id())) {
                    found.add(new Found(new Change(ofAttribute.getKey().reference(),
                            inputs.get(ofAttribute.getKey()), one.text(), choice.rule(), choice.offer()),
                            one.distance()));
                    break;
                }
            }
        }
        return found.stream().sorted(Comparator.comparingDouble(Found::distance)).map(Found::change).toList();
    }

    private @Nullable Choice choose(Attribute attribute, Object value) {
        if (attribute.limits().violatedBy(value) != null) {
            return null;
        }
        try {
            return chooser.choose(inputs.with(attribute, value), at);
        } catch (UndecidableException e) {
            return null;
        }
    }
}
