package io.nextbestoffer.strategy.input;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;

/**
 * Nothing can be decided for an activity: an attribute is missing, of another type or outside its limits, or a
 * condition of the routing can't be computed. The message names the attribute or the route, never a value.
 */
public final class UndecidableException extends InvalidInputException {

    private static final long serialVersionUID = 1;

    /** The attribute by its reference; null if another cause makes it undecidable. */
    private final @Nullable String attribute;

    public UndecidableException(String message) {
        super(message);
        attribute = null;
    }

    UndecidableException(Attribute attribute, String problem) {
        super(attribute.reference() + " " + problem);
        this.attribute = attribute.reference();
    }

    public @Nullable String attribute() {
        return attribute;
    }
}
