package io.nextbestoffer.explanation;

import java.util.List;
import java.util.Map;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * An explanation as it is told over REST.
 *
 * @param decision as it went out; absent if nothing did
 * @param inputs the attributes it was decided from
 * @param candidates every offer that was tried, and where it stopped; absent if that can't be told any more
 * @param wouldChange for each attribute the smallest change that would have given another offer, the smallest first
 * @param note why something is absent
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExplanationJson(@JsonRawValue @Schema(implementation = Object.class) @Nullable String decision,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String inputs,
        @Nullable List<String> segments, @Nullable List<Candidate> candidates,
        @JsonProperty("would_change") @Nullable List<Change> wouldChange, @Nullable String note) {

    static ExplanationJson of(@Nullable String decision, String inputs, Explanation explanation) {
        return new ExplanationJson(decision, inputs, explanation.segments(),
                explanation.candidates().stream().map(Candidate::of).toList(),
                explanation.changes().stream().map(Change::of).toList(), null);
    }

    static ExplanationJson without(String decision, @Nullable String inputs, String note) {
        return new ExplanationJson(decision, inputs, null, null, null, note);
    }

    /**
     * @param stage where it stopped: {@code chosen}, {@code outranked}, {@code below-minimum}, {@code owned},
     *     {@code eligibility}, {@code validity} or {@code not-computable}
     * @param rank from 1 among those that could have been chosen, where offers are ranked
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Candidate(String rule, String when, @JsonProperty("offer_id") Id offerId,
            @JsonProperty("offer_name") String offerName, String stage, boolean chosen,
            List<Comparison> comparisons, @Nullable Score score, @Nullable Integer rank) {

        static Candidate of(Explanation.Candidate one) {
            Explanation.Score score = one.score();
            return new Candidate(one.rule(), one.when(), one.offer().id(), one.offer().name(), one.stage().text(),
                    one.stage() == Stage.CHOSEN,
                    one.comparisons().stream().map(compared -> new Comparison(compared.comparison(),
                            compared.values(), compared.holds(), compared.notComputable())).toList(),
                    score == null
                            ? null
                            : new Score(score.terms().stream().map(
                                    term -> new Term(term.term(), term.weight(), term.value(), term.points()))
                                    .toList(), score.value(), score.weight(), score.score()),
                    one.rank());
        }
    }

    /**
     * @param holds absent if it can't be computed
     * @param notComputable why it can't be computed; absent if it can
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Comparison(String comparison, Map<String, Object> values, @Nullable Boolean holds,
            @JsonProperty("not_computable") @Nullable String notComputable) {
    }

    /** {@code (sum of points) × value × weight} */
    @RegisterForReflection
    public record Score(List<Term> terms, double value, double weight, double score) {
    }

    @RegisterForReflection
    public record Term(String term, double weight, double value, double points) {
    }

    @RegisterForReflection
    public record Change(String attribute, Object from, String to, String rule, @JsonProperty("offer_id") Id offerId,
            @JsonProperty("offer_name") String offerName) {

        static Change of(Explanation.Change change) {
            Offer offer = change.offer();
            return new Change(change.attribute(), change.from(), change.to(), change.rule(), offer.id(), offer.name());
        }
    }
}
