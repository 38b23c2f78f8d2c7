package io.nextbestoffer.attribute;

import java.io.IOException;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonGenerator;

/**
 * An id as it travels: text inside, and a number outside if it came as one.
 * Two ids are the same if their text is, so {@code 1} and {@code "1"} name one customer.
 *
 * @param text the canonical text, 1 to {@value #MAX_LENGTH} characters; for a number its decimal digits
 * @param number whether it leaves as a JSON number
 */
public record Id(String text, boolean number) {

    public static final int MAX_LENGTH = 256;

    public Id {
        Objects.requireNonNull(text);
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new InvalidInputException("an id has 1 to " + MAX_LENGTH + " characters, this one " + text.length());
        }
    }

    public static Id of(long number) {
        return new Id(Long.toString(number), true);
    }

    public static Id of(String text) {
        return new Id(text, false);
    }

    /**
     * @param value what a JSON document held
     * @throws InvalidInputException naming the field, if the value is neither a string nor a whole number
     */
    public static Id of(String field, Object value) {
        if (value instanceof String text) {
            if (text.isEmpty() || text.length() > MAX_LENGTH) {
                throw new InvalidInputException(
                        field + " has " + text.length() + " characters, not 1 to " + MAX_LENGTH);
            }
            return new Id(text, false);
        }
        if (value instanceof Long number) {
            return of(number);
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1L << 53) {
            return of(number.longValue());
        }
        throw new InvalidInputException(field + " must be a string or a whole number");
    }

    public void writeTo(JsonGenerator json) throws IOException {
        if (number) {
            json.writeNumber(text);
        } else {
            json.writeString(text);
        }
    }

    /** The number or the string that Jackson writes. The hot path writes by {@link #writeTo}. */
    @JsonValue
    public Object json() {
        return number ? (Object) Long.valueOf(text) : text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Id id && text.equals(id.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
