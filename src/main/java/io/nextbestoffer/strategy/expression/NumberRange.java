package io.nextbestoffer.strategy.expression;

import java.util.Set;

import io.nextbestoffer.strategy.input.Attribute;

/**
 * The values that a number can have, both ends included.
 *
 * @param withoutZero whether 0 is excluded, although the ends include it
 */
record NumberRange(double min, double max, boolean withoutZero) {

    static final NumberRange ANY = new NumberRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);

    static NumberRange point(double value) {
        return new NumberRange(value, value, false);
    }

    static NumberRange declared(Attribute attribute) {
        Set<Object> values = attribute.limits().oneOf();
        return new NumberRange(attribute.limits().least(), attribute.limits().greatest(),
                values != null && !values.contains(0L));
    }

    boolean canBeZero() {
        return !withoutZero && min <= 0 && max >= 0;
    }

    /** The values for which a comparison with a constant holds. */
    NumberRange where(ComparisonOperator operator, double bound) {
        return switch (operator) {
            case LESS -> new NumberRange(min, Math.min(max, Math.nextDown(bound)), withoutZero);
            case AT_MOST -> new NumberRange(min, Math.min(max, bound), withoutZero);
            case MORE -> new NumberRange(Math.max(min, Math.nextUp(bound)), max, withoutZero);
            case AT_LEAST -> new NumberRange(Math.max(min, bound), max, withoutZero);
            case EQUAL -> new NumberRange(Math.max(min, bound), Math.min(max, bound), withoutZero);
            case UNEQUAL -> new NumberRange(min, max, withoutZero || bound == 0);
            case IN, NOT_IN -> this;
        };
    }

    NumberRange or(NumberRange other) {
        return new NumberRange(Math.min(min, other.min), Math.max(max, other.max),
                !canBeZero() && !other.canBeZero());
    }

    NumberRange negated() {
        return new NumberRange(-max, -min, withoutZero);
    }

    NumberRange plus(NumberRange other) {
        return new NumberRange(min + other.min, max + other.max, false);
    }

    /**
     * Returns the range of products. A product of factors other than 0 counts as other than 0, even if it is too small
     * for a double.
     */
    NumberRange times(NumberRange other) {
        return hull(product(min, other.min), product(min, other.max), product(max, other.min),
                product(max, other.max), !canBeZero() && !other.canBeZero());
    }

    /** Returns the range of quotients with any divisor. */
    NumberRange divided() {
        return new NumberRange(ANY.min, ANY.max, !canBeZero());
    }

    NumberRange min(NumberRange other) {
        return new NumberRange(Math.min(min, other.min), Math.min(max, other.max),
                !canBeZero() && !other.canBeZero());
    }

    NumberRange max(NumberRange other) {
        return new NumberRange(Math.max(min, other.min), Math.max(max, other.max),
                !canBeZero() && !other.canBeZero());
    }

    /** Multiplies two ends of ranges. An infinite end means that the end is unknown, so 0 times infinity is 0. */
    private static double product(double one, double other) {
        return one == 0 || other == 0 ? 0 : one * other;
    }

    private static NumberRange hull(double one, double two, double three, double four, boolean withoutZero) {
        return new NumberRange(Math.min(Math.min(one, two), Math.min(three, four)),
                Math.max(Math.max(one, two), Math.max(three, four)), withoutZero);
    }
}
