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
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.explain.Explanation.Change;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Scope;
import io.nextbestoffer.strategy.input.Type;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * Looks for the smallest changes of one attribute that would have given another offer. Each is tried: first where a
 * comparison comes out otherwise, the nearest first; then, as scores change between such points too, by halving the way
 * back.
 */
public final class CounterfactualSearch {

    /** Of one explanation: a document can have very many comparisons. */
    private static final int MAX_TRIES = 2_000;
    private static final int DIGITS = 7;

    private final Chooser chooser;
    private final Inputs inputs;
    private final Instant at;
    private final Choice actual;
    private final Map<Attribute, Map<Object, Try>> tries = new LinkedHashMap<>();
    private final Set<Object> bounds = new HashSet<>();
    private int left = MAX_TRIES;

    public CounterfactualSearch(Chooser chooser, Inputs inputs, Instant at, Choice actual) {
        this.chooser = chooser;
        this.inputs = inputs;
        this.at = at;
        this.actual = actual;
    }

    /** @param distance from the actual value, relative to it; 1 for what is no number */
    private record Try(Attribute attribute, Object value, double distance) {
    }

    private record Found(Change change, double distance) {
    }

    /** @param scope of the offer whose attributes the comparisons may look at */
    public void add(Collection<Comparison> comparisons, Scope scope) {
        for (Comparison comparison : comparisons) {
            try {
                Object other = comparison.other().apply(scope);
                for (Object one : other instanceof Collection<?> several ? several : List.of(other)) {
                    add(comparison.attribute(), one);
                }
            } catch (UncomputableException e) {
                // compared with nothing
            }
        }
    }

    private void add(Attribute attribute, Object bound) {
        bounds.add(bound);
        if (attribute.type() == Type.INT && bound instanceof Long number) {
            put(attribute, number == Long.MIN_VALUE ? number : number - 1);
            put(attribute, number);
            put(attribute, number == Long.MAX_VALUE ? number : number + 1);
        } else if (attribute.type() == Type.DOUBLE && bound instanceof Double number && Double.isFinite(number)) {
            put(attribute, Math.nextDown(number));
            put(attribute, number);
            put(attribute, Math.nextUp(number));
        } else if (attribute.type() == Type.BOOLEAN) {
            put(attribute, !(Boolean) inputs.get(attribute));
        } else if (attribute.type() == Type.STRING && bound instanceof String text) {
            put(attribute, text);
            put(attribute, otherThan(text));
        }
    }

    /** A text that nobody compares with. */
    private static String otherThan(String text) {
        return text + "\n";
    }

    private void put(Attribute attribute, Object value) {
        if (!value.equals(inputs.get(attribute)) && attribute.limits().violatedBy(value) == null) {
            tries.computeIfAbsent(attribute, any -> new TreeMap<>()).putIfAbsent(value,
                    new Try(attribute, value, distance(attribute, value)));
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

    /** For each attribute the smallest, the smallest of all first. */
    public List<Change> found() {
        Map<Attribute, Found> found = new LinkedHashMap<>();
        List<Try> nearest = tries.values().stream().flatMap(ofAttribute -> ofAttribute.values().stream())
                .sorted(Comparator.comparingDouble(Try::distance)).toList();
        for (Try one : nearest) {
            if (!found.containsKey(one.attribute()) && otherOffer(one.attribute(), one.value()) != null) {
                Try closest = closest(one);
                Choice choice = otherOffer(closest.attribute(), closest.value());
                if (choice != null) {
                    found.put(one.attribute(), new Found(change(closest, choice), closest.distance()));
                }
            }
        }
        var sorted = new ArrayList<>(found.values());
        sorted.sort(Comparator.comparingDouble(Found::distance));
        return sorted.stream().map(Found::change).toList();
    }

    /** The nearest value on the way back to the actual one that still gives another offer. */
    private Try closest(Try one) {
        Object same = inputs.get(one.attribute());
        Object other = one.value();
        for (Object middle; (middle = between(same, other)) != null && left > 0;) {
            if (otherOffer(one.attribute(), middle) == null) {
                same = middle;
            } else {
                other = middle;
            }
        }
        return new Try(one.attribute(), other, distance(one.attribute(), other));
    }

    /** @return null if nothing is */
    private static @Nullable Object between(Object one, Object other) {
        if (one instanceof Long low && other instanceof Long high) {
            long middle = (low & high) + ((low ^ high) >> 1);
            return middle == low || middle == high ? null : (Object) middle;
        }
        if (one instanceof Double low && other instanceof Double high) {
            double middle = low / 2 + high / 2;
            // More digits than are told
            return middle == low || middle == high || Math.abs(high - low) <= 1e-9 * Math.abs(high) ? null : middle;
        }
        return null;
    }

    private Change change(Try one, Choice choice) {
        return new Change(one.attribute().reference(), inputs.get(one.attribute()), text(one, choice), choice.rule(),
                choice.offer());
    }

    private String text(Try one, Choice choice) {
        if (one.value() instanceof String text) {
            return text.endsWith("\n")
                    ? "something else than \"" + inputs.get(one.attribute()) + "\""
                    : "\"" + text + "\"";
        }
        if (!(one.value() instanceof Number number)) {
            return one.value().toString();
        }
        boolean up = number.doubleValue() > ((Number) inputs.get(one.attribute())).doubleValue();
        if (number instanceof Double real && bounds.contains(up ? Math.nextDown(real) : Math.nextUp(real))) {
            return (up ? "more than " : "less than ") + decimal(up ? Math.nextDown(real) : Math.nextUp(real), up);
        }
        Object beyond = number instanceof Long whole
                ? (Object) (up ? whole + 1 : whole - 1)
                : up ? Math.nextUp(number.doubleValue()) : Math.nextDown(number.doubleValue());
        Choice further = otherOffer(one.attribute(), beyond);
        if (further == null || !further.offer().id().equals(choice.offer().id())) {
            return decimal(number, up);
        }
        return (up ? "at least " : "at most ") + decimal(number, up);
    }

    /** To the digits somebody reads, rounded so that it is enough. */
    private static String decimal(Number number, boolean up) {
        return number instanceof Double real
                ? BigDecimal.valueOf(real)
                        .round(new MathContext(DIGITS, up ? RoundingMode.CEILING : RoundingMode.FLOOR))
                        .stripTrailingZeros().toPlainString()
                : number.toString();
    }

    /** @return null if it would be the same offer, or none could be decided */
    private @Nullable Choice otherOffer(Attribute attribute, Object value) {
        if (left-- <= 0 || attribute.limits().violatedBy(value) != null) {
            return null;
        }
        try {
            Choice choice = chooser.choose(inputs.with(attribute, value), at);
            return choice.offer().id().equals(actual.offer().id()) ? null : choice;
        } catch (UndecidableException e) {
            return null;
        }
    }
}
