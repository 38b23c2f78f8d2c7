package io.nextbestoffer.sandbox;

/** The topics of the sandbox. */
public final class SandboxTopics {
    public static final String ACTIVITY = "customer-activity";
    public static final String CUSTOMERS = "bank.public.customers";
    public static final String OFFERS = "next-best-offers";
    public static final String TRACES = "decision-traces";
    public static final String ACTIVITY_DEAD_LETTER = ACTIVITY + "-dead-letter";
    public static final String CUSTOMERS_DEAD_LETTER = CUSTOMERS + "-dead-letter";
    public static final String TRACES_DEAD_LETTER = TRACES + "-dead-letter";

    private SandboxTopics() {
    }
}
