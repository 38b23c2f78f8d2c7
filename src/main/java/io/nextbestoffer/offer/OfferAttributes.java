package io.nextbestoffer.offer;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/** What attributes an offer may have: one rule for what is put over REST and for what SQL left in the table. */
final class OfferAttributes {

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,127}");

    private OfferAttributes() {
    }

    /**
     * Never fails, for one offer that somebody wrote by hand must not keep all others from being read.
     *
     * @param json of the table's column
     * @param leftOut gets what can't be used, by name
     */
    static Attributes stored(String json, BiConsumer<String, String> leftOut) {
        try {
            return of(JsonReader.value(JsonReader.utf8(json)), leftOut);
        } catch (InvalidInputException e) {
            leftOut.accept("", e.getMessage());
            return Attributes.NONE;
        }
    }

    /**
     * @param document what JSON held
     * @param violation gets the name of each that is wrong, and what is wrong with it; the name is empty if it is the
     *     document
     * @return those that are right
     */
    static Attributes of(@Nullable Object document, BiConsumer<String, String> violation) {
        if (!(document instanceof Map<?, ?> object)) {
            violation.accept("", "must be an object");
            return Attributes.NONE;
        }
        var attributes = new Attributes.Builder();
        object.forEach((key, value) -> {
            String name = (String) key;
            if (!NAME.matcher(name).matches()) {
                violation.accept(name, "is no name of an attribute, which has 1 to 128 of a to z, 0 to 9 and _,"
                        + " and begins with no digit");
            } else if (!isValue(value)) {
                violation.accept(name, "must be a string, a number, a boolean or a list of strings");
            } else {
                attributes.add(name, value);
            }
        });
        return attributes.build();
    }

    private static boolean isValue(@Nullable Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean
                || value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }
}
