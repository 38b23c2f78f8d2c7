package io.nextbestoffer.customer;

import java.util.Map;

import io.nextbestoffer.attribute.Attributes;

/** Debezium's envelope, with the fields {@code op}, {@code before}, {@code after} and {@code source}. */
final class DebeziumEnvelope {

    private DebeziumEnvelope() {
    }

    static boolean matches(Attributes document) {
        return document.get("op") instanceof String && (document.get("source") instanceof Map
                || document.get("after") instanceof Map || document.get("before") instanceof Map);
    }

    /** @param envelope an envelope that {@link #matches} */
    static ChangeEvent read(Attributes envelope) {
        Object source = envelope.get("source");
        return new ChangeEvent((String) envelope.get("op"), envelope.get("before"), envelope.get("after"),
                source == null
                        ? ChangeEvent.Origin.UNKNOWN
                        : origin(ChangeEvent.requireObject(source, "source")));
    }

    private static ChangeEvent.Origin origin(Attributes source) {
        return new ChangeEvent.Origin(ChangeEvent.wholeNumber(source, "lsn"), ChangeEvent.wholeNumber(source, "ts_ms"),
                ChangeEvent.text(source, "schema"), ChangeEvent.text(source, "table"),
                ChangeEvent.text(source, "snapshot"));
    }
}
