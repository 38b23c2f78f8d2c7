package io.nextbestoffer.explanation;

import java.util.List;
import java.util.Map;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.input.Inputs;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * An explanation in responses of the API.
 *
 * @param decision the offer record as it was emitted; absent if there is none
 * @param inputs the attributes that the decision was made from
 * @param candidates every offer that was considered, and the stage at which it was dropped; absent if this is no longer
 *     known
 * @param wouldChange for each attribute, the smallest change that would have led to another offer; sorted by size, the
 *     smallest first
 * @param note why something is absent
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExplanationJson(@JsonRawValue @Schema(implementation = Object.class) @Nullable String decision,
        @JsonRawValue @Schema(implementation = Object.class) @Nullable String inputs,
        @Nullable List<String> segments, @Nullable List<CandidateJson> candidates,
        @JsonProperty("would_change") @Nullable List<ChangeJson> wouldChange, @Nullable String note) {

    /** Explains what would be decided now, without a record of a decision. */
    public static ExplanationJson of(Inputs inputs, Explanation explanation) {
        return of(null, inputs, explanation);
    }

    static ExplanationJson of(@Nullable String decision, Inputs inputs, Explanation explanation) {
        return new ExplanationJson(decision, JsonWriter.text(inputs::writeTo), explanation.segments(),
                explanation.candidates().stream().map(CandidateJson::of).toList(),
                explanation.changes().stream().map(ChangeJson::of).toList(), null);
    }

    static ExplanationJson without(String decision, @Nullable String inputs, String note) {
        return new ExplanationJson(decision, inputs, null, null, null, note);
    }

    /**
     * @param stage {@code chosen}, or where it was dropped: {@code outranked}, {@code below-minimum}, {@code owned},
     *     {@code eligibility}, {@code validity} or {@code not-computable}
     * @param rank from 1 among the offers that could have been chosen; absent where offers are not ranked
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CandidateJson(String rule, String when, @JsonProperty("offer_id") Id offerId,
            @JsonProperty("offer_name") String offerName, String stage, boolean chosen,
            List<ComparisonJson> comparisons, @Nullable ScoreJson score, @Nullable Integer rank) {

        static CandidateJson of(Explanation.Candidate one) {
            Explanation.ScoreBreakdown score = one.score();
            return new CandidateJson(one.rule(), one.when(), one.offer().id(), one.offer().name(), one.stage().text(),
                    one.stage() == Stage.CHOSEN,
                    one.comparisons().stream().map(compared -> new ComparisonJson(compared.comparison(),
                            compared.values(), compared.holds(), compared.notComputable())).toList(),
                    score == null
                            ? null
                            : new ScoreJson(score.terms().stream().map(
                                    term -> new TermJson(term.term(), term.weight(), term.value(), term.points()))
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
    public record ComparisonJson(String comparison, Map<String, Object> values, @Nullable Boolean holds,
            @JsonProperty("not_computable") @Nullable String notComputable) {
    }

    /** {@code (sum of points) × value × weight} */
    @RegisterForReflection
    public record ScoreJson(List<TermJson> terms, double value, double weight, double score) {
    }

    @RegisterForReflection
    public record TermJson(String term, double weight, double value, double points) {
    }

    @RegisterForReflection
    public record ChangeJson(String attribute, Object from, String to, String rule,
            @JsonProperty("offer_id") Id offerId,
            @JsonProperty("offer_name") String offerName) {

        static ChangeJson of(Explanation.Counterfactual change) {
            Offer offer = change.offer();
            return new ChangeJson(change.attribute(), change.from(), change.to(), change.rule(), offer.id(),
                    offer.name());
        }
    }
}
