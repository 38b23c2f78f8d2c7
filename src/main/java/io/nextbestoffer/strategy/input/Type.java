package io.nextbestoffer.strategy.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;

/** The types that a strategy can declare for an attribute. */
public enum Type {

    /** A whole number of 64 bits. */
    INT("an int", SimpleType.INT, Long.class),
    /** A finite number of 64 bits. */
    DOUBLE("a double", SimpleType.DOUBLE, Double.class),
    /** A text of any length. */
    STRING("a string", SimpleType.STRING, String.class),
    /** True or false; not a text or a number that stands for one of them. */
    BOOLEAN("a boolean", SimpleType.BOOL, Boolean.class),
    /** A list of strings. A whole number in it is read as its text. */
    STRINGS("a list of strings", ListType.create(SimpleType.STRING), List.class),
    /** The type of an attribute with an invalid declaration, so that the rest of the document can be checked. */
    UNKNOWN("of a known type", SimpleType.DYN, Void.class);

    /** Beyond this number, one double represents several whole numbers. */
    private static final double MAX_EXACT = 1L << 53;

    public static final List<String> KEYS = List.of("int", "double", "string", "boolean", "strings");

    public final String phrase;
    public final CelType cel;
    private final Class<?> kind;

    Type(String phrase, CelType cel, Class<?> kind) {
        this.phrase = phrase;
        this.cel = cel;
        this.kind = kind;
    }

    /** The type that documents name by a key; null if there is none. */
    public static @Nullable Type of(String key) {
        return KEYS.contains(key) ? valueOf(key.toUpperCase(Locale.ROOT)) : null;
    }

    /**
     * Converts a value to this type; null if it has another type. Writers of JSON turn 1.0 into 1 and back, so whole
     * doubles count as ints and ints as doubles.
     */
    @Nullable
    Object coerce(Object value) {
        return switch (this) {
            case INT -> value instanceof Long
                    ? value
                    : value instanceof Double number && number == Math.rint(number) && Math.abs(number) <= MAX_EXACT
                            ? (Object) number.longValue()
                            : null;
            case DOUBLE -> value instanceof Double
                    ? value
                    : value instanceof Long number ? (Object) number.doubleValue() : null;
            case STRING -> value instanceof String ? value : null;
            case BOOLEAN -> value instanceof Boolean ? value : null;
            case STRINGS -> value instanceof List<?> list ? texts(list) : null;
            case UNKNOWN -> null;
        };
    }

    private static @Nullable List<String> texts(List<?> list) {
        var texts = new ArrayList<String>(list.size());
        for (Object element : list) {
            if (!(element instanceof String) && !(element instanceof Long)) {
                return null;
            }
            texts.add(element.toString());
        }
        return List.copyOf(texts);
    }

    public boolean isNumber() {
        return this == INT || this == DOUBLE;
    }

    static String describe(Object value) {
        for (Type type : List.of(INT, DOUBLE, STRING, BOOLEAN)) {
            if (type.kind.isInstance(value)) {
                return type.phrase;
            }
        }
        return value instanceof List ? "a list" : "an object";
    }
}
