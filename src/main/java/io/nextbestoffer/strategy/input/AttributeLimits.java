package io.nextbestoffer.strategy.input;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

import org.jspecify.annotations.Nullable;

/**
 * Limits on the values of an attribute, in addition to its type. In a list of strings, each string must be within them.
 *
 * @param min the least value of a number; null: no limit
 * @param max the greatest value of a number; null: no limit
 * @param oneOf the only values of a string or an int; null: no limit
 * @param maxLength the most characters of a string, in code points; null: no limit
 */
public record AttributeLimits(@Nullable Double min, @Nullable Double max, @Nullable Set<Object> oneOf,
        @Nullable Integer maxLength) {

    public static final AttributeLimits NONE = new AttributeLimits(null, null, null, null);

    private static final int MAX_LISTED = 20;

    /** Completes "must be …" for a value outside the limits, without the value; null if the value is inside. */
    public @Nullable String violatedBy(Object value) {
        if (this == NONE) {
            return null;
        }
        if (value instanceof List<?> strings) {
            return strings.stream().map(this::violatedBy).filter(Objects::nonNull).findFirst()
                    .map(violated -> "a list of strings that are each " + violated).orElse(null);
        }
        if (oneOf != null && !oneOf.contains(value)) {
            return "one of " + listed(oneOf);
        }
        if (value instanceof Number number && min != null && number.doubleValue() < min) {
            return "at least " + text(min);
        }
        if (value instanceof Number number && max != null && number.doubleValue() > max) {
            return "at most " + text(max);
        }
        return maxLength != null && value instanceof String string
                && string.codePointCount(0, string.length()) > maxLength
                        ? "at most " + maxLength + " characters long"
                        : null;
    }

    /** The least number that an attribute can have; negative infinity without a limit. */
    public double least() {
        return DoubleStream.concat(DoubleStream.of(min == null ? Double.NEGATIVE_INFINITY : min),
                listedNumbers().min().stream()).max().orElseThrow();
    }

    /** The greatest number that an attribute can have; infinity without a limit. */
    public double greatest() {
        return DoubleStream.concat(DoubleStream.of(max == null ? Double.POSITIVE_INFINITY : max),
                listedNumbers().max().stream()).min().orElseThrow();
    }

    private DoubleStream listedNumbers() {
        return oneOf == null
                ? DoubleStream.empty()
                : oneOf.stream().filter(Long.class::isInstance).mapToDouble(value -> (Long) value);
    }

    private static String text(double limit) {
        return limit == Math.rint(limit) && Math.abs(limit) < 1e15
                ? Long.toString((long) limit)
                : Double.toString(limit);
    }

    private static String listed(Set<Object> values) {
        return values.stream().limit(MAX_LISTED).map(Object::toString)
                .collect(Collectors.joining(", ", "", values.size() > MAX_LISTED ? ", …" : ""));
    }
}
