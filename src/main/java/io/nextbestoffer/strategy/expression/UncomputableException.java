package io.nextbestoffer.strategy.expression;

/** An expression can't be computed from the values of a decision. The message says why, without a value. */
public final class UncomputableException extends RuntimeException {

    static final String DIVISION_BY_ZERO = "it divides by zero";
    static final String NOT_CONVERTIBLE = "a string can't be converted";
    static final String OVERFLOW = "a result is out of range";

    private static final long serialVersionUID = 1;

    UncomputableException(String message) {
        super(message, null, false, false);
    }

    /** @throws UncomputableException if the number is NaN or infinite */
    public static double requireFinite(double number) {
        if (Double.isFinite(number)) {
            return number;
        }
        throw new UncomputableException(OVERFLOW);
    }
}
