package io.nextbestoffer.strategy.input;

import io.nextbestoffer.attribute.InvalidInputException;

/**
 * An activity or a customer lacks what the strategy needs, or a rule can't be computed from it. The message names
 * the attribute or the rule, never a value.
 */
public final class UndecidableException extends InvalidInputException {

    private static final long serialVersionUID = 1;

    public UndecidableException(String message) {
        super(message);
    }
}
