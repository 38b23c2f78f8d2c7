package io.nextbestoffer.strategy.document;

import java.util.Collection;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.NameSimilarity;

/** Says what somebody who mistyped a name probably meant. */
public final class Suggestion {

    private static final int MAX_LISTED = 20;

    private Suggestion() {
    }

    /** {@code ": did you mean x?"}, or what there is, if nothing is near. */
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

    /** The nearest name, or null if none is near. */
    public static @Nullable String nearest(String name, Collection<String> known) {
        String nearest = null;
        int least = (tail(name).length() + 2) / 3 + 1;
        for (String candidate : known) {
            if (name.length() >= candidate.length() * 2 + least) {
                continue; // can't be near, and a hostile name may be long
            }
            int distance = tail(candidate).equals(tail(name))
                    ? 1
                    : name.indexOf('.') < 0 && candidate.indexOf('.') >= 0
                            ? NameSimilarity.distance(name, tail(candidate))
                            : NameSimilarity.distance(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** Somebody may forget whose attribute it is, or take the wrong one. */
    private static String tail(String reference) {
        return reference.substring(reference.lastIndexOf('.') + 1);
    }
}
