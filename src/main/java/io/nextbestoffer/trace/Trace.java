package io.nextbestoffer.trace;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A decision as it was made.
 *
 * @param customer his id, as text
 * @param offer its id, as text
 * @param decision the record as it went out: JSON
 * @param inputs JSON of what it was decided from; null if the decision has it all
 */
public record Trace(UUID decisionId, String customer, Instant decidedAt, String strategy, int strategyVersion,
        String offer, String decision, @Nullable String inputs) {

    /** Where it stands among all. */
    public Place place() {
        return new Place(decidedAt, decisionId);
    }

    /** In UTC. */
    LocalDate day() {
        return LocalDate.ofInstant(decidedAt, ZoneOffset.UTC);
    }

    /**
     * A place in the order of all traces: by time, then by id.
     *
     * @param decidedAt to the microsecond
     */
    public record Place(Instant decidedAt, UUID decisionId) {

        /** Behind all. */
        static final Place END = at(Instant.parse("9999-12-31T00:00:00Z"));

        /** Before all that was decided then or later. */
        public static Place at(Instant time) {
            return new Place(time, new UUID(0, 0));
        }
    }
}
