package io.nextbestoffer.attribute;

/** Input that cannot be read. The message says what is wrong and where; it may quote names, never whole values. */
public class InvalidInputException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public InvalidInputException(String message) {
        // Hostile input is frequent and expected: no stack trace
        super(message, null, false, false);
    }
}
