package io.nextbestoffer.customer;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.InvalidInputException;

/** A CloudEvent in structured mode, as Debezium's {@code CloudEventsConverter} writes it, with JSON as its data. */
final class CloudEvent {

    private static final String PREFIX = "iodebezium";

    private CloudEvent() {
    }

    static boolean matches(Attributes document) {
        return document.contains("specversion");
    }

    /**
     * @param event an event that {@link #matches}
     * @throws InvalidInputException if it was not written by Debezium, or lacks attributes that Debezium adds by
     *     default
     */
    static ChangeEvent read(Attributes event) {
        if (!(event.get(PREFIX + "op") instanceof String operation)) {
            throw new InvalidInputException("a CloudEvent without iodebeziumop: set"
                    + " value.converter.extension.attributes.enable=true in Debezium's connector; CloudEvents of other"
                    + " producers are not supported");
        }
        if (!(event.get("data") instanceof Map<?, ?> map)) {
            throw new InvalidInputException("a CloudEvent whose data is not a JSON object: set"
                    + " value.converter.data.serializer.type=json in Debezium's connector");
        }
        Attributes data = data(map);
        return new ChangeEvent(operation, data.get("before"), data.get("after"),
                new ChangeEvent.Origin(wholeNumber(event, PREFIX + "lsn"), wholeNumber(event, PREFIX + "tsms"),
                        ChangeEvent.text(event, PREFIX + "schema"), ChangeEvent.text(event, PREFIX + "table"),
                        ChangeEvent.text(event, PREFIX + "snapshot")));
    }

    private static Attributes data(Map<?, ?> map) {
        Attributes data = ChangeEvent.requireObject(map, "data");
        return data.size() == 2 && data.contains("schema") && data.contains("payload")
                ? ChangeEvent.requireObject(data.get("payload"), "data.payload")
                : data;
    }

    /** CloudEvents have no 64-bit integers, so Debezium writes them as text. */
    private static @Nullable Long wholeNumber(Attributes event, String name) {
        if (event.get(name) instanceof String text) {
            try {
                return Long.valueOf(text);
            } catch (NumberFormatException e) {
                throw new InvalidInputException(name + " must be a whole number");
            }
        }
        return ChangeEvent.wholeNumber(event, name);
    }
}
