package io.nextbestoffer.strategy.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;

/** The types a strategy can declare for an attribute. */
public enum Type {

    /** 64 bits. */
    INT("an int", SimpleType.INT, Long.class),
    /** 64 bits, finite. */
    DOUBLE("a double", SimpleType.DOUBLE, Double.class),
    /** Of any length. */
    STRING("a string", SimpleType.STRING, String.class),
    /** Not a text or number that stands for one. */
    BOOLEAN("a boolean", SimpleType.BOOL, Boolean.class),
    /** Of which a number stands for its text. */
    STRINGS("a list of strings", ListType.create(SimpleType.STRING), List.class),
    /** Of an attribute whose declaration is broken, so that the rest of its document can be checked. */
    UNKNOWN("of a known type", SimpleType.DYN, Void.class);

    /** Beyond it, a double stands for several whole numbers. */
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

    static @Nullable public Type of(String key) {
        return KEYS.contains(key) ? valueOf(key.toUpperCase(Locale.ROOT)) : null;
    }

    /**
     * The value as this type, or null if it is of another. Writers of JSON turn 1.0 into 1 and back: that is let
     * through.
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
