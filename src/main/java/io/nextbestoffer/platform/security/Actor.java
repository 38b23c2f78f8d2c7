package io.nextbestoffer.platform.security;

import org.jspecify.annotations.Nullable;

/**
 * The person or application that makes a request, as audit entries record them.
 *
 * @param subject identifies them: the claim {@code sub} of their token; null if they have none
 * @param name shown to people; may change, and need not be unique
 */
public record Actor(@Nullable String subject, String name) {

    public static final String HEADER = "X-User";
    public static final String DESCRIPTION = "The caller's name for the audit trail: 1 to 100 printable ASCII"
            + " characters. Only used where the service runs without tokens; otherwise the token names the caller";

    /** Compares subjects; where either is missing, names, ignoring case. */
    public boolean isSameAs(Actor other) {
        return subject != null && other.subject != null
                ? subject.equals(other.subject)
                : name.equalsIgnoreCase(other.name);
    }
}
