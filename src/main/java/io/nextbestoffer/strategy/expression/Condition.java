package io.nextbestoffer.strategy.expression;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Scope;

/** A condition taken apart, to be explained and checked: named conditions are replaced by what they stand for. */
public sealed interface Condition {

    /** All hold. */
    record All(List<Condition> parts) implements Condition {
    }

    /** One holds at least. */
    record Any(List<Condition> parts) implements Condition {
    }

    record Not(Condition part) implements Condition {
    }

    /**
     * What has no conditions inside.
     *
     * @param text as it is written
     * @param holds throws {@link UncomputableException} if that can't be told
     * @param uses what its value depends on, by reference
     * @param comparison null if it is something else
     */
    record Leaf(String text, Predicate<Scope> holds, Map<String, Function<Scope, Object>> uses,
            @Nullable Comparison comparison) implements Condition {

        /** It holds where this one doesn't. */
        Leaf negated() {
            return new Leaf("!(" + text + ")", holds.negate(), uses,
                    comparison == null ? null : comparison.negated());
        }

        /** The values it depends on. */
        public Map<String, Object> values(Scope scope) {
            var values = new LinkedHashMap<String, Object>();
            uses.forEach((reference, value) -> {
                try {
                    values.put(reference, value.apply(scope));
                } catch (UncomputableException e) {
                    values.put(reference, "not computable: " + e.getMessage());
                }
            });
            return values;
        }
    }

    /**
     * An input compared with something that does not depend on any: a constant, or an attribute of the offer.
     *
     * @param other what it is compared with; for {@link Operator#IN} a set
     * @param constant the same if it is the same for all offers, else null
     */
    record Comparison(Attribute attribute, ComparisonOperator operator, Function<Scope, Object> other,
            @Nullable Object constant) {

        Comparison negated() {
            return new Comparison(attribute, operator.negated(), other, constant);
        }
    }

    /** In the order they are written. */
    default Stream<Leaf> leaves() {
        if (this instanceof Leaf leaf) {
            return Stream.of(leaf);
        }
        if (this instanceof Not not) {
            return not.part().leaves().map(Leaf::negated);
        }
        List<Condition> parts = this instanceof All all ? all.parts() : ((Any) this).parts();
        return parts.stream().flatMap(Condition::leaves);
    }
}
