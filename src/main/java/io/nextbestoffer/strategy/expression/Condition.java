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

/** The structure of a condition, for explanations and checks. Named conditions are replaced by their definitions. */
public sealed interface Condition {

    /** Holds if all parts hold. */
    record All(List<Condition> parts) implements Condition {
    }

    /** Holds if at least one part holds. */
    record Any(List<Condition> parts) implements Condition {
    }

    /** Holds if its part does not hold. */
    record Not(Condition part) implements Condition {
    }

    /**
     * An elementary condition, which contains no other conditions.
     *
     * @param text the condition as it is written
     * @param holds throws {@link UncomputableException} if it can't be computed
     * @param operands the values that it depends on, by reference
     * @param comparison null if it is not a comparison of an input
     */
    record Leaf(String text, Predicate<Scope> holds, Map<String, Function<Scope, Object>> operands,
            @Nullable Comparison comparison) implements Condition {

        /** The condition that holds exactly where this one does not. */
        Leaf negated() {
            return new Leaf("!(" + text + ")", holds.negate(), operands,
                    comparison == null ? null : comparison.negated());
        }

        /** The values that it depends on, by reference; or why a value can't be computed. */
        public Map<String, Object> values(Scope scope) {
            var values = new LinkedHashMap<String, Object>();
            operands.forEach((reference, value) -> {
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
     * A comparison of an input with a value that does not depend on inputs: a constant, or an attribute of the offer.
     *
     * @param other the value it is compared with; for {@link ComparisonOperator#IN} a set
     * @param constant the same value if it is the same for all offers, else null
     */
    record Comparison(Attribute attribute, ComparisonOperator operator, Function<Scope, Object> other,
            @Nullable Object constant) {

        Comparison negated() {
            return new Comparison(attribute, operator.negated(), other, constant);
        }
    }

    /** All elementary conditions, negated where they are written under a negation, in the order of the text. */
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
