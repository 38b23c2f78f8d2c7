package io.nextbestoffer.simulation;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.strategy.input.DecisionContext;

/**
 * Something to decide (again).
 *
 * @param inputs values by name, by source
 * @param recorded what was decided; null if nothing was
 * @param at when it was decided, or is
 * @param customer his id as text; null if there is no profile to look at
 */
record Case(Map<String, Map<String, Object>> inputs, @Nullable DecidedOffer recorded, Instant at,
        @Nullable String customer) {

    /**
     * @param json {@code {"activity":{…},"customer":{…}}}; what is missing is empty
     * @throws InvalidInputException if it is something else
     */
    static Map<String, Map<String, Object>> inputs(byte[] json) {
        if (!(JsonReader.value(json) instanceof Map<?, ?> parts)) {
            throw new InvalidInputException("inputs must be an object");
        }
        return Map.of(DecisionContext.ACTIVITY, part(DecisionContext.ACTIVITY, parts), DecisionContext.CUSTOMER,
                part(DecisionContext.CUSTOMER, parts));
    }

    @SuppressWarnings("unchecked") // a JSON object's names are strings
    private static Map<String, Object> part(String source, Map<?, ?> parts) {
        Object part = parts.get(source);
        if (part != null && !(part instanceof Map)) {
            throw new InvalidInputException(source + " must be an object");
        }
        return part == null ? new HashMap<>() : (Map<String, Object>) part;
    }
}
