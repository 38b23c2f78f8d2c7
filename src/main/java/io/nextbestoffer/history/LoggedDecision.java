package io.nextbestoffer.history;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A decision in the decision log.
 *
 * @param customer the customer's id as text
 * @param offer the offer's id as text
 * @param decision the offer record that was sent, in JSON
 * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
 */
public record LoggedDecision(UUID decisionId, String customer, Instant decidedAt, String strategy, int strategyVersion,
        String offer, String decision, @Nullable String inputs) {

    /** By time, then by id. */
    static final Comparator<LoggedDecision> ORDER = Comparator.comparing(LoggedDecision::decidedAt)
            .thenComparing(LoggedDecision::decisionId, LoggedDecision::compare);

    public LoggedDecision {
        decidedAt = decidedAt.truncatedTo(ChronoUnit.MICROS);
    }

    /** Compares ids byte by byte, unlike {@link UUID#compareTo}. */
    static int compare(UUID one, UUID other) {
        int high = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
        return high != 0
                ? high
                : Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits());
    }

    /** The position in the order of all decisions. */
    public LogCursor cursor() {
        return new LogCursor(decidedAt, decisionId);
    }

    /** The day of the decision, in UTC. */
    LocalDate day() {
        return LocalDate.ofInstant(decidedAt, ZoneOffset.UTC);
    }

    /** Of decisions with the same day and id, only the latest counts. */
    record DayAndId(LocalDate day, UUID decisionId) {
    }

    DayAndId dayAndId() {
        return new DayAndId(day(), decisionId);
    }

    /**
     * A position in the order of all decisions: by time, then by id.
     *
     * @param decidedAt the time of the decision, to the microsecond
     */
    public record LogCursor(Instant decidedAt, UUID decisionId) {

        /** The position after all decisions. */
        static final LogCursor END = at(Instant.parse("9999-12-31T00:00:00Z"));

        /** Compares this position with that of a decision. */
        int compareTo(UUID id, Instant time) {
            int byTime = decidedAt.compareTo(time);
            return byTime != 0 ? byTime : compare(decisionId, id);
        }

        /** Returns the position before all decisions of this time or later. */
        public static LogCursor at(Instant time) {
            return new LogCursor(time, new UUID(0, 0));
        }
    }
}
