package io.nextbestoffer;

/** The name of every channel, in the order the data flows. Topics are configuration: see {@code nbo.topics}. */
public final class Channels {

    /** Changes of the bank's customers, from Debezium. */
    public static final String CUSTOMER_CHANGES = "customer-changes";

    /** Activities posted over REST, on their way to the same topic the bank's apps write to. */
    public static final String POSTED_ACTIVITIES = "posted-activities";

    /** What customers do. */
    public static final String ACTIVITIES = "activities";

    /** Traces of decisions, on their way to where they can be looked up. */
    public static final String DECISION_TRACES = "decision-traces";

    private Channels() {
    }
}
