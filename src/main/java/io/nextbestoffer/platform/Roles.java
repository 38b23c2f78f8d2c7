package io.nextbestoffer.platform;

import java.util.Set;

/** What a caller may do; docs/security.md has the table. A token has the names as they are here, or is mapped to them. */
public final class Roles {

    /** Looks up: offers to customers and why, recommendations, the live stream, the catalog, strategies. */
    public static final String READER = "reader";
    /** Posts activities. */
    public static final String INGEST = "ingest";
    /** Changes offers and strategies, and simulates. */
    public static final String MARKETER = "marketer";
    /** Approves what marketers drafted. */
    public static final String APPROVER = "approver";
    /** Runs the service: sees whom it knows, repairs. */
    public static final String OPERATOR = "operator";

    public static final Set<String> ALL = Set.of(READER, INGEST, MARKETER, APPROVER, OPERATOR);

    private Roles() {
    }
}
