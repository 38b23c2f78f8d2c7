package io.nextbestoffer.strategy.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.strategy.expression.Operator;
import io.nextbestoffer.strategy.input.Attribute;

/** A set of values of one attribute. */
sealed interface Values {

    boolean isEmpty();

    Values and(Values other);

    /** Disjoint sets that together are what this has and the other has not. */
    List<Values> without(Values other);

    /** All that an attribute can be. */
    static Values all(Attribute attribute) {
        return switch (attribute.type()) {
            case INT -> {
                Double min = attribute.limits().min();
                Double max = attribute.limits().max();
                yield new Wholes(min == null ? Long.MIN_VALUE : (long) Math.ceil(min),
                        max == null ? Long.MAX_VALUE : (long) Math.floor(max));
            }
            case DOUBLE -> {
                Double min = attribute.limits().min();
                Double max = attribute.limits().max();
                yield new Reals(min == null ? -Double.MAX_VALUE : min, max == null ? Double.MAX_VALUE : max);
            }
            case BOOLEAN -> new Some(new TreeSet<>(List.of("false", "true")), false);
            default -> new Some(new TreeSet<>(), true);
        };
    }

    /** Those for which a comparison with a constant holds; null if that can't be told. */
    static @Nullable Values of(Attribute attribute, Operator operator, Object constant) {
        return switch (attribute.type()) {
            case INT -> constant instanceof Long number ? wholes(operator, number) : null;
            case DOUBLE -> constant instanceof Double number ? reals(operator, number) : null;
            case BOOLEAN, STRING -> some(operator, constant);
            default -> null;
        };
    }

    private static @Nullable Values wholes(Operator operator, long number) {
        return switch (operator) {
            case LESS -> number == Long.MIN_VALUE ? new Wholes(1, 0) : new Wholes(Long.MIN_VALUE, number - 1);
            case AT_MOST -> new Wholes(Long.MIN_VALUE, number);
            case MORE -> number == Long.MAX_VALUE ? new Wholes(1, 0) : new Wholes(number + 1, Long.MAX_VALUE);
            case AT_LEAST -> new Wholes(number, Long.MAX_VALUE);
            case EQUAL -> new Wholes(number, number);
            // Two pieces
            default -> null;
        };
    }

    private static @Nullable Values reals(Operator operator, double number) {
        return switch (operator) {
            case LESS -> new Reals(-Double.MAX_VALUE, Math.nextDown(number));
            case AT_MOST -> new Reals(-Double.MAX_VALUE, number);
            case MORE -> new Reals(Math.nextUp(number), Double.MAX_VALUE);
            case AT_LEAST -> new Reals(number, Double.MAX_VALUE);
            default -> null;
        };
    }

    private static @Nullable Values some(Operator operator, Object constant) {
        var texts = new TreeSet<String>();
        if (constant instanceof Set<?> set) {
            set.forEach(one -> texts.add(one.toString()));
        } else {
            texts.add(constant.toString());
        }
        return switch (operator) {
            case EQUAL, IN -> new Some(texts, false);
            case UNEQUAL, NOT_IN -> new Some(texts, true);
            default -> null;
        };
    }

    /** Both ends included. */
    record Wholes(long from, long to) implements Values {

        @Override
        public boolean isEmpty() {
            return from > to;
        }

        @Override
        public Values and(Values other) {
            var wholes = (Wholes) other;
            return new Wholes(Math.max(from, wholes.from), Math.min(to, wholes.to));
        }

        @Override
        public List<Values> without(Values other) {
            var common = (Wholes) and(other);
            if (common.isEmpty()) {
                return List.of(this);
            }
            var rest = new ArrayList<Values>(2);
            if (common.from > from) {
                rest.add(new Wholes(from, common.from - 1));
            }
            if (common.to < to) {
                rest.add(new Wholes(common.to + 1, to));
            }
            return rest;
        }
    }

    /** Both ends included: there is a next double to each. */
    record Reals(double from, double to) implements Values {

        @Override
        public boolean isEmpty() {
            return from > to;
        }

        @Override
        public Values and(Values other) {
            var reals = (Reals) other;
            return new Reals(Math.max(from, reals.from), Math.min(to, reals.to));
        }

        @Override
        public List<Values> without(Values other) {
            var common = (Reals) and(other);
            if (common.isEmpty()) {
                return List.of(this);
            }
            var rest = new ArrayList<Values>(2);
            if (common.from > from) {
                rest.add(new Reals(from, Math.nextDown(common.from)));
            }
            if (common.to < to) {
                rest.add(new Reals(Math.nextUp(common.to), to));
            }
            return rest;
        }
    }

    /** These texts, or all but these. */
    record Some(Set<String> texts, boolean allBut) implements Values {

        @Override
        public boolean isEmpty() {
            return !allBut && texts.isEmpty();
        }

        @Override
        public Values and(Values other) {
            var some = (Some) other;
            var result = new TreeSet<String>();
            if (allBut && some.allBut) {
                result.addAll(texts);
                result.addAll(some.texts);
                return new Some(result, true);
            }
            Some listed = allBut ? some : this;
            Some filter = allBut ? this : some;
            listed.texts.stream().filter(text -> filter.allBut != filter.texts.contains(text)).forEach(result::add);
            return new Some(result, false);
        }

        @Override
        public List<Values> without(Values other) {
            var some = (Some) other;
            Values rest = and(new Some(some.texts, !some.allBut));
            return rest.isEmpty() ? List.of() : List.of(rest);
        }
    }
}
