package io.nextbestoffer.strategy.expression;

/** An expression that can't be computed from these values. The message says why, without a value. */
public final class UncomputableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UncomputableException(String message) {
        super(message, null, false, false);
    }
}
