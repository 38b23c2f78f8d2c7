package io.nextbestoffer.strategy.explain;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.explain.Explanation.Counterfactual;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Scope;
import io.nextbestoffer.strategy.input.Type;

/**
 * Finds, for each attribute, the smallest change that would have led to another offer. Every change is tried out. The
 * search begins with the values at which the result of a comparison changes, the nearest first. Because scores also
 * change between those values, it then bisects the way back to the actual value.
 */
public final class CounterfactualSearch {

    /** The most trials of one explanation: a document can have very many comparisons. */
    private static final int MAX_TRIALS = 2_000;
    /** The significant digits of reported values. */
    private static final int DIGITS = 7;

    private final Chooser chooser;
    private final Inputs inputs;
    private final Instant at;
    private final Choice actual;
    private final Map<Attribute, Map<Object, Trial>> trials = new LinkedHashMap<>();
    private final Set<Object> bounds = new HashSet<>();
    private int remainingTrials = MAX_TRIALS;

    public CounterfactualSearch(Chooser chooser, Inputs inputs, Instant at, Choice actual) {
        this.chooser = chooser;
        this.inputs = inputs;
        this.at = at;
        this.actual = actual;
    }

    /**
     * @param distance the distance from the actual value, relative to the larger of the two; 1 if they are not numbers
     */
    private record Trial(Attribute attribute, Object value, double distance) {
    }

    private record MeasuredChange(Counterfactual change, double distance) {
    }

    /** @param scope the inputs, and the offer whose attributes the comparisons may read */
    public void add(Collection<Comparison> comparisons, Scope scope) {
        for (Comparison comparison : comparisons) {
            try {
                Object other = comparison.other().apply(scope);
                for (Object one : other instanceof Collection<?> several ? several : List.of(other)) {
                    add(comparison.attribute(), one);
                }
            } catch (UncomputableException e) {
                // The comparison can't be computed, so no value changes its result
            }
        }
    }

    private void add(Attribute attribute, Object bound) {
        bounds.add(bound);
        if (attribute.type() == Type.INT && bound instanceof Long number) {
            put(attribute, number == Long.MIN_VALUE ? number : number - 1);
            put(attribute, number);
            put(attribute, number == Long.MAX_VALUE ? number : number + 1);
        } else if (attribute.type() == Type.DOUBLE && bound instanceof Double number) {
            put(attribute, Math.nextDown(number));
            put(attribute, number);
            put(attribute, Math.nextUp(number));
        } else if (attribute.type() == Type.BOOLEAN) {
            put(attribute, !(Boolean) inputs.get(attribute));
        } else if (attribute.type() == Type.STRING && bound instanceof String text) {
            put(attribute, text);
            put(attribute, otherThan(text));
            Optional.ofNullable(attribute.limits().oneOf())
                    .ifPresent(values -> values.forEach(value -> put(attribute, value)));
        }
    }

    /** A text that no comparison names. */
    private static String otherThan(String text) {
        return text + "\n";
    }

    private void put(Attribute attribute, Object value) {
        if (!value.equals(inputs.get(attribute)) && attribute.limits().violatedBy(value) == null) {
            trials.computeIfAbsent(attribute, key -> new TreeMap<>()).putIfAbsent(value,
                    new Trial(attribute, value, distance(attribute, value)));
        }
    }

    private double distance(Attribute attribute, Object value) {
        if (!(value instanceof Number number)) {
            return 1;
        }
        double actually = ((Number) inputs.get(attribute)).doubleValue();
        double scale = Math.max(Math.abs(number.doubleValue()), Math.abs(actually));
        return scale == 0 ? 0 : Math.abs(number.doubleValue() - actually) / scale;
    }

    /** The smallest change of each attribute, sorted by size, the smallest first. */
    public List<Counterfactual> find() {
        Map<Attribute, MeasuredChange> found = new LinkedHashMap<>();
        List<Trial> nearest = trials.values().stream().flatMap(ofAttribute -> ofAttribute.values().stream())
                .sorted(Comparator.comparingDouble(Trial::distance)).toList();
        for (Trial trial : nearest) {
            if (!found.containsKey(trial.attribute()) && otherChoice(trial.attribute(), trial.value()) != null) {
                Trial closest = closest(trial);
                Choice choice = otherChoice(closest.attribute(), closest.value());
                if (choice != null) {
                    found.put(trial.attribute(), new MeasuredChange(change(closest, choice), closest.distance()));
                }
            }
        }
        var sorted = new ArrayList<>(found.values());
        sorted.sort(Comparator.comparingDouble(MeasuredChange::distance));
        return sorted.stream().map(MeasuredChange::change).toList();
    }

    /** The value closest to the actual one that still leads to another offer. */
    private Trial closest(Trial trial) {
        Object same = inputs.get(trial.attribute());
        Object other = trial.value();
        for (Object middle; (middle = between(same, other)) != null && remainingTrials > 0;) {
            if (otherChoice(trial.attribute(), middle) == null) {
                same = middle;
            } else {
                other = middle;
            }
        }
        return new Trial(trial.attribute(), other, distance(trial.attribute(), other));
    }

    /** A value between two numbers; null if there is none. */
    private static @Nullable Object between(Object one, Object other) {
        if (one instanceof Long low && other instanceof Long high) {
            long middle = (low & high) + ((low ^ high) >> 1);
            return middle == low || middle == high ? null : (Object) middle;
        }
        if (one instanceof Double low && other instanceof Double high) {
            double middle = low / 2 + high / 2;
            // A difference below the precision that is reported counts as none
            return middle == low || middle == high || Math.abs(high - low) <= 1e-9 * Math.abs(high) ? null : middle;
        }
        return null;
    }

    private Counterfactual change(Trial trial, Choice choice) {
        return new Counterfactual(trial.attribute().reference(), inputs.get(trial.attribute()), text(trial, choice),
                choice.rule(),
                choice.offer());
    }

    private String text(Trial trial, Choice choice) {
        if (trial.value() instanceof String text) {
            return text.endsWith("\n")
                    ? "anything but \"" + inputs.get(trial.attribute()) + "\""
                    : "\"" + text + "\"";
        }
        if (!(trial.value() instanceof Number number)) {
            return trial.value().toString();
        }
        boolean up = number.doubleValue() > ((Number) inputs.get(trial.attribute())).doubleValue();
        if (number instanceof Double real && bounds.contains(up ? Math.nextDown(real) : Math.nextUp(real))) {
            return (up ? "more than " : "less than ") + decimal(up ? Math.nextDown(real) : Math.nextUp(real), up);
        }
        Object beyond = number instanceof Long whole
                ? (Object) (up ? whole + 1 : whole - 1)
                : up ? Math.nextUp(number.doubleValue()) : Math.nextDown(number.doubleValue());
        Choice further = otherChoice(trial.attribute(), beyond);
        if (further == null || !further.offer().id().equals(choice.offer().id())) {
            return decimal(number, up);
        }
        return (up ? "at least " : "at most ") + decimal(number, up);
    }

    /** Rounds to {@value #DIGITS} digits, away from the actual value so that the rounded value is still enough. */
    private static String decimal(Number number, boolean up) {
        return number instanceof Double real
                ? BigDecimal.valueOf(real)
                        .round(new MathContext(DIGITS, up ? RoundingMode.CEILING : RoundingMode.FLOOR))
                        .stripTrailingZeros().toPlainString()
                : number.toString();
    }

    /** The choice with another value of an attribute; null if the offer is the same. */
    private @Nullable Choice otherChoice(Attribute attribute, Object value) {
        if (remainingTrials-- <= 0 || attribute.limits().violatedBy(value) != null) {
            return null;
        }
        Choice choice = chooser.choose(inputs.with(attribute, value), at);
        return choice.offer().id().equals(actual.offer().id()) ? null : choice;
    }
}
