package io.nextbestoffer.attribute;

import java.io.IOException;
import java.util.Locale;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonGenerator;

/**
 * An id: text inside the service, written as a number if it was read as one. Ids are equal if their text is, so
 * {@code 1} and {@code "1"} identify the same customer.
 *
 * @param text the canonical text, 1 to {@value #MAX_LENGTH} characters; for a number its decimal digits
 * @param number whether it is written as a JSON number
 */
public record Id(String text, boolean number) {

    public static final int MAX_LENGTH = 256;

    private static final int UUID_LENGTH = 36;

    public Id {
        Objects.requireNonNull(text);
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new InvalidInputException("an id must have 1 to " + MAX_LENGTH + " characters, not " + text.length());
        }
    }

    public static Id of(long number) {
        return new Id(Long.toString(number), true);
    }

    public static Id of(String text) {
        return new Id(text, false);
    }

    /**
     * @param value the field's value in a document
     * @throws InvalidInputException naming the field, if the value is neither a string nor a whole number
     */
    public static Id of(String field, Object value) {
        if (value instanceof String text) {
            return new Id(requireLength(field, text), false);
        }
        if (value instanceof Long number) {
            return of(number);
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1L << 53) {
            return of(number.longValue());
        }
        throw new InvalidInputException(field + " must be a string or a whole number");
    }

    /**
     * The id of a customer in the one form in which such ids are stored and compared: {@link #customerText}.
     *
     * @param value the field's value in a document
     * @throws InvalidInputException naming the field, if the value is neither a string nor a whole number
     */
    public static Id ofCustomer(String field, Object value) {
        return value instanceof String text
                ? new Id(requireLength(field, customerText(text)), false)
                : of(field, value);
    }

    /**
     * Removes the blanks with which Postgres pads {@code char(n)}, and writes a UUID in lower case, as Postgres does:
     * a bank's table and its applications may write one id in two ways.
     */
    public static String customerText(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        String trimmed = text.substring(0, end);
        return isUuid(trimmed) ? trimmed.toLowerCase(Locale.ROOT) : trimmed;
    }

    private static boolean isUuid(String text) {
        if (text.length() != UUID_LENGTH) {
            return false;
        }
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = text.charAt(i);
            boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
            if (hyphen ? c != '-' : c > 'f' || Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static String requireLength(String field, String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new InvalidInputException(
                    field + " has " + text.length() + " characters; an id has 1 to " + MAX_LENGTH);
        }
        return text;
    }

    public void writeTo(JsonGenerator json) throws IOException {
        if (number) {
            json.writeNumber(text);
        } else {
            json.writeString(text);
        }
    }

    /** The number or the string for Jackson's data binding. The hot path uses {@link #writeTo}. */
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
