package io.nextbestoffer;

/** The name of every channel, in the order the data flows. Topics are configuration: see {@code nbo.topics}. */
public final class Channels {

    /** Changes of the bank's customers, from Debezium. */
    public static final String CUSTOMER_CHANGES = "customer-changes";

    /** Activities posted over REST, to be sent to the topic that the bank's applications write to. */
    public static final String POSTED_ACTIVITIES = "posted-activities";

    /** Activities of customers, to be decided. */
    public static final String ACTIVITIES = "activities";

    /** Records of the decision log, to be stored in Postgres. */
    public static final String DECISION_TRACES = "decision-traces";

    private Channels() {
    }
}
