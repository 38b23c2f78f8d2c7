package io.nextbestoffer.platform;

import java.util.Set;

/**
 * Roles of callers. A token contains these names, or names that the configuration maps to them. docs/security.md lists
 * the endpoints of each role.
 */
public final class Roles {

    /** Reads latest offers, decisions, recommendations, the live stream, the catalog and strategies. */
    public static final String READER = "reader";
    /** Posts activities. */
    public static final String INGEST = "ingest";
    /** Changes offers and strategies, and runs simulations. */
    public static final String MARKETER = "marketer";
    /** Approves drafts of strategies. */
    public static final String APPROVER = "approver";
    /** Operates the service: lists customers and their profiles, and starts repairs. */
    public static final String OPERATOR = "operator";

    public static final Set<String> ALL = Set.of(READER, INGEST, MARKETER, APPROVER, OPERATOR);

    private Roles() {
    }
}
