package io.nextbestoffer.strategy.document;

import java.util.Collection;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.NameSimilarity;

/** Suggests the name that an author probably meant by a mistyped one. */
public final class Suggestion {

    private static final int MAX_LISTED = 20;

    private Suggestion() {
    }

    /** {@code ": did you mean x?"}, or a list of the known names if none is similar. */
    public static String of(String name, Collection<String> known) {
        String nearest = nearest(name, known);
        if (nearest != null) {
            return ": did you mean " + nearest + "?";
        }
        return known.isEmpty()
                ? " (none is declared)"
                : known.stream().limit(MAX_LISTED)
                        .collect(Collectors.joining(", ", " (known: ", known.size() > MAX_LISTED ? ", …)" : ")"));
    }

    /** The most similar name; null if none is similar. */
    public static @Nullable String nearest(String name, Collection<String> known) {
        String nearest = null;
        int least = (nameOnly(name).length() + 2) / 3 + 1;
        for (String candidate : known) {
            if (name.length() >= candidate.length() * 2 + least) {
                continue; // can't be similar, and a hostile name can be long
            }
            int distance = nameOnly(candidate).equals(nameOnly(name))
                    ? 1
                    : name.indexOf('.') < 0 && candidate.indexOf('.') >= 0
                            ? NameSimilarity.distance(name, nameOnly(candidate))
                            : NameSimilarity.distance(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** The name without its source, which an author may forget or confuse. */
    private static String nameOnly(String reference) {
        return reference.substring(reference.lastIndexOf('.') + 1);
    }
}
