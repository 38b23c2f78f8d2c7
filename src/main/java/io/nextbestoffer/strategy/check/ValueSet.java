package io.nextbestoffer.strategy.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.expression.ComparisonOperator;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.AttributeLimits;

/** A set of values of one attribute. */
sealed interface ValueSet {

    boolean isEmpty();

    ValueSet and(ValueSet other);

    /** Disjoint sets that together contain the values of this set that are not in the other. */
    List<ValueSet> without(ValueSet other);

    /** All values that an attribute can have, by its type and its limits. */
    static ValueSet all(Attribute attribute) {
        AttributeLimits limits = attribute.limits();
        return switch (attribute.type()) {
            // Casts saturate: a missing limit becomes the least or the greatest long
            case INT -> new LongRange((long) Math.ceil(limits.least()), (long) Math.floor(limits.greatest()));
            case DOUBLE -> new DoubleRange(Math.max(limits.least(), -Double.MAX_VALUE),
                    Math.min(limits.greatest(), Double.MAX_VALUE));
            case BOOLEAN -> new StringSet(Set.of("false", "true"), false);
            case STRING -> limits.oneOf() == null
                    ? new StringSet(Set.of(), true)
                    : new StringSet(limits.oneOf().stream().map(Object::toString).collect(Collectors.toSet()), false);
            default -> new StringSet(Set.of(), true);
        };
    }

    /** The values for which a comparison with a constant holds; null if they can't be represented as one set. */
    static @Nullable ValueSet of(Attribute attribute, ComparisonOperator operator, Object constant) {
        return switch (attribute.type()) {
            case INT -> constant instanceof Long number ? longRange(operator, number) : null;
            case DOUBLE -> constant instanceof Double number ? doubleRange(operator, number) : null;
            case BOOLEAN, STRING -> stringSet(operator, constant);
            default -> null;
        };
    }

    private static @Nullable ValueSet longRange(ComparisonOperator operator, long number) {
        return switch (operator) {
            case LESS -> number == Long.MIN_VALUE ? new LongRange(1, 0) : new LongRange(Long.MIN_VALUE, number - 1);
            case AT_MOST -> new LongRange(Long.MIN_VALUE, number);
            case MORE -> number == Long.MAX_VALUE ? new LongRange(1, 0) : new LongRange(number + 1, Long.MAX_VALUE);
            case AT_LEAST -> new LongRange(number, Long.MAX_VALUE);
            case EQUAL -> new LongRange(number, number);
            // Unequal needs two ranges
            default -> null;
        };
    }

    private static @Nullable ValueSet doubleRange(ComparisonOperator operator, double number) {
        return switch (operator) {
            case LESS -> new DoubleRange(-Double.MAX_VALUE, Math.nextDown(number));
            case AT_MOST -> new DoubleRange(-Double.MAX_VALUE, number);
            case MORE -> new DoubleRange(Math.nextUp(number), Double.MAX_VALUE);
            case AT_LEAST -> new DoubleRange(number, Double.MAX_VALUE);
            default -> null;
        };
    }

    private static @Nullable ValueSet stringSet(ComparisonOperator operator, Object constant) {
        var texts = new TreeSet<String>();
        if (constant instanceof Set<?> set) {
            set.forEach(one -> texts.add(one.toString()));
        } else {
            texts.add(constant.toString());
        }
        return switch (operator) {
            case EQUAL, IN -> new StringSet(texts, false);
            case UNEQUAL, NOT_IN -> new StringSet(texts, true);
            default -> null;
        };
    }

    /** A range of ints, both ends included. */
    record LongRange(long from, long to) implements ValueSet {

        @Override
        public boolean isEmpty() {
            return from > to;
        }

        @Override
        public ValueSet and(ValueSet other) {
            var range = (LongRange) other;
            return new LongRange(Math.max(from, range.from), Math.min(to, range.to));
        }

        @Override
        public List<ValueSet> without(ValueSet other) {
            var common = (LongRange) and(other);
            if (common.isEmpty()) {
                return List.of(this);
            }
            var rest = new ArrayList<ValueSet>(2);
            if (common.from > from) {
                rest.add(new LongRange(from, common.from - 1));
            }
            if (common.to < to) {
                rest.add(new LongRange(common.to + 1, to));
            }
            return rest;
        }
    }

    /** A range of doubles, both ends included: every double has a next one. */
    record DoubleRange(double from, double to) implements ValueSet {

        @Override
        public boolean isEmpty() {
            return from > to;
        }

        @Override
        public ValueSet and(ValueSet other) {
            var range = (DoubleRange) other;
            return new DoubleRange(Math.max(from, range.from), Math.min(to, range.to));
        }

        @Override
        public List<ValueSet> without(ValueSet other) {
            var common = (DoubleRange) and(other);
            if (common.isEmpty()) {
                return List.of(this);
            }
            var rest = new ArrayList<ValueSet>(2);
            if (common.from > from) {
                rest.add(new DoubleRange(from, Math.nextDown(common.from)));
            }
            if (common.to < to) {
                rest.add(new DoubleRange(Math.nextUp(common.to), to));
            }
            return rest;
        }
    }

    /** The listed strings, or all strings but those. Booleans are represented as strings. */
    record StringSet(Set<String> texts, boolean allBut) implements ValueSet {

        @Override
        public boolean isEmpty() {
            return !allBut && texts.isEmpty();
        }

        @Override
        public ValueSet and(ValueSet other) {
            var strings = (StringSet) other;
            var result = new TreeSet<String>();
            if (allBut && strings.allBut) {
                result.addAll(texts);
                result.addAll(strings.texts);
                return new StringSet(result, true);
            }
            StringSet listed = allBut ? strings : this;
            StringSet filter = allBut ? this : strings;
            listed.texts.stream().filter(text -> filter.allBut != filter.texts.contains(text)).forEach(result::add);
            return new StringSet(result, false);
        }

        @Override
        public List<ValueSet> without(ValueSet other) {
            var strings = (StringSet) other;
            ValueSet rest = and(new StringSet(strings.texts, !strings.allBut));
            return rest.isEmpty() ? List.of() : List.of(rest);
        }
    }
}
