package io.nextbestoffer.strategy.explain;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice;

/**
 * Why a strategy chose what it chose.
 *
 * @param candidates in the order they are tried, or of the document and the catalog; then {@value Strategy#OTHERWISE}
 * @param segments the customer belongs to
 * @param changes for each attribute the smallest change that would have given another offer, the smallest first; only
 *     of attributes that are compared with constants or with attributes of offers
 */
public record Explanation(Choice choice, List<Candidate> candidates, List<String> segments, List<Change> changes) {

    /** Where a candidate stopped. */
    public enum Stage {
        CHOSEN,
        /** It could have been chosen, but another was better or came first. */
        OUTRANKED,
        /** Its score is not above the minimum. */
        BELOW_MINIMUM,
        /** The customer has it. */
        OWNED,
        /** A condition does not hold. */
        ELIGIBILITY,
        /** The offer was not valid at the time. */
        VALIDITY,
        /** It came after the chosen one, so it did not matter that it can't be computed. */
        NOT_COMPUTABLE;

        /** For example {@code below-minimum}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param rule its name; {@value Strategy#RANKED} where offers are ranked
     * @param when its conditions as they are written
     * @param score null where offers are not ranked, or it stopped before
     * @param rank from 1 among those that were scored above the minimum; null if it was not
     */
    public record Candidate(String rule, String when, Offer offer, Stage stage, List<Compared> comparisons,
            @Nullable Score score, @Nullable Integer rank) {
    }

    /**
     * @param comparison as it is written
     * @param values of all it depends on
     * @param holds null if it can't be computed
     * @param notComputable why it can't be computed; null if it can
     */
    public record Compared(String comparison, Map<String, Object> values, @Nullable Boolean holds,
            @Nullable String notComputable) {
    }

    /** {@code (sum of points) × value × weight} */
    public record Score(List<Term> terms, double value, double weight, double score) {
    }

    /** {@code points = weight × value} */
    public record Term(String term, double weight, double value, double points) {
    }

    /**
     * @param from the actual value
     * @param to what would have been enough, for example {@code at least 700}
     * @param offer that would have been chosen then
     */
    public record Change(String attribute, Object from, String to, String rule, Offer offer) {
    }
}
