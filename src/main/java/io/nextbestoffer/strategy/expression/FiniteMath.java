package io.nextbestoffer.strategy.expression;

import static io.nextbestoffer.strategy.expression.UncomputableException.requireFinite;

/**
 * Arithmetic of doubles that fails where IEEE 754 yields NaN or infinity. A comparison with NaN is false and its
 * negation true, so a rule such as {@code !(debt / income > 0.4)} would hold for customers who have neither debt nor
 * income.
 * <p>
 * Attributes and constants are finite, so every value of an expression is. CEL's interpreter and
 * {@link DirectEvaluator} both compute with these functions.
 */
final class FiniteMath {

    private FiniteMath() {
    }

    static double add(double one, double other) {
        return requireFinite(one + other);
    }

    static double subtract(double one, double other) {
        return requireFinite(one - other);
    }

    static double multiply(double one, double other) {
        return requireFinite(one * other);
    }

    static double divide(double dividend, double divisor) {
        if (divisor == 0) {
            throw new UncomputableException(UncomputableException.DIVISION_BY_ZERO);
        }
        return requireFinite(dividend / divisor);
    }

    /** Converts a text that is a finite decimal number. */
    static double parse(String text) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // its message quotes the value
        }
        throw new UncomputableException(UncomputableException.NOT_CONVERTIBLE);
    }
}
