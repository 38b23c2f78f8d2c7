package io.nextbestoffer.governance;

import java.util.Locale;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts the attributes that made activities undecidable, by where the activities came from. */
public enum UndecidableAttributes {
    /** The topic of activities: the activity became a dead letter. */
    STREAM,
    /** {@code POST /activities}: the request was rejected. */
    REST;

    /** @param attribute as the strategy declares it, so that the number of label values is limited */
    public void count(MeterRegistry metrics, String attribute, int activities) {
        Counter.builder("nbo.undecidable.attributes")
                .description("Activities that are undecidable because an attribute is missing, of another type or"
                        + " outside its limits")
                .tag("attribute", attribute).tag("source", name().toLowerCase(Locale.ROOT)).register(metrics)
                .increment(activities);
    }
}
