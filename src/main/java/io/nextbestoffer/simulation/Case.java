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
 * An activity of a customer, to be decided in a simulation.
 *
 * @param inputs values by source and name
 * @param recorded the decision that was made; null for samples
 * @param at the time of the decision
 * @param customer the customer's id as text; null if there is no profile to read
 */
record Case(Map<String, Map<String, Object>> inputs, @Nullable DecidedOffer recorded, Instant at,
        @Nullable String customer) {

    /**
     * Reads the inputs of a case.
     *
     * @param json {@code {"activity":{…},"customer":{…}}}; both are optional
     * @throws InvalidInputException if it has another form
     */
    static Map<String, Map<String, Object>> inputs(byte[] json) {
        if (!(JsonReader.value(json) instanceof Map<?, ?> parts)) {
            throw new InvalidInputException("inputs must be an object");
        }
        return Map.of(DecisionContext.ACTIVITY, part(DecisionContext.ACTIVITY, parts), DecisionContext.CUSTOMER,
                part(DecisionContext.CUSTOMER, parts));
    }

    @SuppressWarnings("unchecked") // names in a JSON object are strings
    private static Map<String, Object> part(String source, Map<?, ?> parts) {
        Object part = parts.get(source);
        if (part != null && !(part instanceof Map)) {
            throw new InvalidInputException(source + " must be an object");
        }
        return part == null ? new HashMap<>() : (Map<String, Object>) part;
    }
}
