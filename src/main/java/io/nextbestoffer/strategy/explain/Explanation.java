package io.nextbestoffer.strategy.explain;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice;

/**
 * Explains why a strategy chose an offer.
 *
 * @param candidates every candidate, in the order of the document and the catalog; {@value Strategy#OTHERWISE} is last
 * @param segments the segments that the customer belongs to
 * @param changes for each attribute, the smallest change that would have led to another offer; sorted by size, the
 *     smallest first; only for attributes that are compared with constants or with attributes of offers
 */
public record Explanation(Choice choice, List<Candidate> candidates, List<String> segments,
        List<Counterfactual> changes) {

    /** The stage that a candidate reached. */
    public enum Stage {
        CHOSEN,
        /** It could have been chosen, but another candidate was better or came first. */
        OUTRANKED,
        /** Its score does not exceed the minimum. */
        BELOW_MINIMUM,
        /** The customer owns it. */
        OWNED,
        /** A condition does not hold. */
        ELIGIBILITY,
        /** The offer was not valid at the time of the decision. */
        VALIDITY,
        /** Its condition or its score can't be computed from these inputs, so it was not offered. */
        NOT_COMPUTABLE;

        /** For example {@code below-minimum}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * An offer that was considered.
     *
     * @param rule the name of its rule; {@value Strategy#RANKED} if offers are ranked
     * @param when its conditions as their author wrote them
     * @param score null if offers are not ranked, or if it was dropped before it was scored
     * @param rank from 1 among the candidates that could have been chosen; null for all others
     */
    public record Candidate(String rule, String when, Offer offer, Stage stage, List<ComparisonResult> comparisons,
            @Nullable ScoreBreakdown score, @Nullable Integer rank) {
    }

    /**
     * The result of a comparison or another elementary condition.
     *
     * @param comparison the condition as it is written
     * @param values the values it depends on, by reference
     * @param holds null if it can't be computed
     * @param notComputable why it can't be computed; null if it can
     */
    public record ComparisonResult(String comparison, Map<String, Object> values, @Nullable Boolean holds,
            @Nullable String notComputable) {
    }

    /** {@code (sum of points) × value × weight} */
    public record ScoreBreakdown(List<TermScore> terms, double value, double weight, double score) {
    }

    /** {@code points = weight × value} */
    public record TermScore(String term, double weight, double value, double points) {
    }

    /**
     * A change of one attribute that would have led to another offer.
     *
     * @param from the actual value
     * @param to the values that would have been enough, for example {@code at least 700}
     * @param offer the offer that would have been chosen
     */
    public record Counterfactual(String attribute, Object from, String to, String rule, Offer offer) {
    }
}
