package io.nextbestoffer.customer;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/**
 * A change event, whatever the shape of its record.
 *
 * @param operation Debezium's code: c, u, r, d, t or m
 * @param before the row before the change, if the record has it
 * @param after the row after the change, if the record has it
 */
record ChangeEvent(String operation, @Nullable Object before, @Nullable Object after, Origin origin) {

    /**
     * The place and time of a change in the bank's database. Each component is null if the record does not contain it.
     *
     * @param lsn the log sequence number
     * @param time milliseconds of the Unix epoch
     * @param snapshot Debezium's mark of rows that a snapshot read; it begins with {@code last} on the last row
     */
    record Origin(@Nullable Long lsn, @Nullable Long time, @Nullable String schema, @Nullable String table,
            @Nullable String snapshot) {

        static final Origin UNKNOWN = new Origin(null, null, null, null, null);
    }

    /** @throws InvalidInputException if there is no row after the change */
    Attributes requireAfter() {
        return requireObject(after, "after");
    }

    /** @throws InvalidInputException if the record has a value for the row before the change that is not a row */
    @Nullable
    Attributes optionalBefore() {
        return before == null ? null : requireObject(before, "before");
    }

    static Attributes requireObject(@Nullable Object value, String field) {
        if (value instanceof Attributes attributes) {
            return attributes;
        }
        if (value instanceof Map<?, ?> map) {
            return JsonReader.attributes(map);
        }
        throw new InvalidInputException(field + " must be an object");
    }

    /** @return the first of these fields that is not null */
    static @Nullable Long wholeNumber(Attributes from, String... names) {
        for (String name : names) {
            Object value = from.get(name);
            if (value instanceof Long number) {
                return number;
            }
            if (value != null) {
                throw new InvalidInputException(name + " must be a whole number");
            }
        }
        return null;
    }

    /** @return the first of these fields that is text */
    static @Nullable String text(Attributes from, String... names) {
        for (String name : names) {
            if (from.get(name) instanceof String text) {
                return text;
            }
        }
        return null;
    }
}
