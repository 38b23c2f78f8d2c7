package io.nextbestoffer.strategy.document;

import java.util.Collection;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

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
                            ? distance(name, tail(candidate))
                            : distance(name, candidate);
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

    /** Levenshtein's, case ignored: the least number of letters to change, add or leave out. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                boolean same = Character.toLowerCase(one.charAt(i - 1)) == Character.toLowerCase(other.charAt(j - 1));
                int change = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
