package io.nextbestoffer.offer;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;

/** The rules for attributes of an offer: the same for a request and for a row that was written by SQL. */
final class OfferAttributes {

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,127}");

    private OfferAttributes() {
    }

    /**
     * Reads the attributes of a stored offer. Never fails: one offer with invalid attributes must not prevent the
     * others from being loaded.
     *
     * @param json the value of the column
     * @param ignored accepts the name of each attribute that can't be used, and the reason; the name is empty if the
     *     whole value can't be used
     */
    static Attributes parseStored(String json, BiConsumer<String, String> ignored) {
        try {
            return parse(JsonReader.value(JsonReader.utf8(json)), ignored);
        } catch (InvalidInputException e) {
            ignored.accept("", e.getMessage());
            return Attributes.NONE;
        }
    }

    /**
     * Reads attributes from a JSON value.
     *
     * @param violation accepts the name of each invalid attribute, and what is wrong with it; the name is empty if the
     *     value is not an object
     * @return the valid attributes
     */
    static Attributes parse(@Nullable Object value, BiConsumer<String, String> violation) {
        if (!(value instanceof Map<?, ?> object)) {
            violation.accept("", "must be an object");
            return Attributes.NONE;
        }
        var attributes = new Attributes.Builder();
        object.forEach((key, attribute) -> {
            String name = (String) key;
            if (!NAME.matcher(name).matches()) {
                violation.accept(name, "is not an attribute name: use 1 to 128 characters from a-z, 0-9 and _,"
                        + " not beginning with a digit");
            } else if (!isValid(attribute)) {
                violation.accept(name, "must be a string, a number, a boolean or a list of strings");
            } else {
                attributes.add(name, attribute);
            }
        });
        return attributes.build();
    }

    private static boolean isValid(@Nullable Object attribute) {
        return attribute instanceof String || attribute instanceof Number || attribute instanceof Boolean
                || attribute instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }
}
