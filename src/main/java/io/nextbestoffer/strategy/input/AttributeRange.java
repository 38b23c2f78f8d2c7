package io.nextbestoffer.strategy.input;

import org.jspecify.annotations.Nullable;

/**
 * The least and the greatest value of a number.
 *
 * @param min null: none
 * @param max null: none
 */
public record AttributeRange(@Nullable Double min, @Nullable Double max) {

    public static final AttributeRange NONE = new AttributeRange(null, null);

    /** What is wrong with a value; null if nothing is. */
    public @Nullable String violatedBy(Object value) {
        if (this == NONE || !(value instanceof Number number)) {
            return null;
        }
        if (min != null && number.doubleValue() < min) {
            return "at least " + text(min);
        }
        return max != null && number.doubleValue() > max ? "at most " + text(max) : null;
    }

    private static String text(double limit) {
        return limit == Math.rint(limit) && Math.abs(limit) < 1e15
                ? Long.toString((long) limit)
                : Double.toString(limit);
    }
}
