package io.nextbestoffer.history;

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
public record LoggedDecision(UUID decisionId, String customer, Instant decidedAt, String strategy, int strategyVersion,
        String offer, String decision, @Nullable String inputs) {

    /** Where it stands among all. */
    public LogCursor place() {
        return new LogCursor(decidedAt, decisionId);
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
    public record LogCursor(Instant decidedAt, UUID decisionId) {

        /** Behind all. */
        static final LogCursor END = at(Instant.parse("9999-12-31T00:00:00Z"));

        /** Before all that was decided then or later. */
        public static LogCursor at(Instant time) {
            return new LogCursor(time, new UUID(0, 0));
        }
    }
}
