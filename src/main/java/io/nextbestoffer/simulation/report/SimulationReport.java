package io.nextbestoffer.simulation.report;

import java.util.List;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import io.nextbestoffer.attribute.Id;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The result of a simulation: counts and shares, without data of individual customers. Shares are from 0 to 1, of the
 * decisions that could be compared.
 *
 * @param unit the unit of all sizes, counts and shares: decisions. Only minimum sizes are numbers of different
 *     customers: 5 for a group to be listed, {@code minimum_group_size} for a group to be compared
 * @param decisions number of all decisions or samples
 * @param undecidable number of those that the draft or the baseline could not decide; the others are compared
 * @param reasons why decisions were undecidable, the most frequent first
 * @param defaulted inputs of the draft that took their defaults because they were not recorded
 * @param moves the changes from one offer to another, the most frequent first
 * @param value absent if no offer has a number as its attribute {@code value}
 * @param score absent if no offers were ranked
 * @param segments the segments of the draft; a customer can be in several, or in {@code none}
 * @param fairness absent if the draft declares no protected attributes
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SimulationReport(String unit, long decisions, long undecidable, List<Reason> reasons,
        List<Defaulted> defaulted,
        Changed changed, List<OfferShare> mix, List<Move> moves, @Nullable Value value, @Nullable Score score,
        List<Segment> segments, List<Grouped> groups, @Nullable Fairness fairness) {

    @RegisterForReflection
    public record Reason(String message, long count) {
    }

    @RegisterForReflection
    public record Defaulted(String attribute, long count) {
    }

    @RegisterForReflection
    public record Changed(long count, double share) {
    }

    @RegisterForReflection
    public record OfferShare(@JsonProperty("offer_id") Id offerId, @JsonProperty("offer_name") String offerName,
            long before, long after, @JsonProperty("before_share") double beforeShare,
            @JsonProperty("after_share") double afterShare) {
    }

    @RegisterForReflection
    public record Move(@JsonProperty("from_offer_id") Id fromOfferId,
            @JsonProperty("from_offer_name") String fromOfferName, @JsonProperty("to_offer_id") Id toOfferId,
            @JsonProperty("to_offer_name") String toOfferName, long count) {
    }

    /**
     * Sums of the attribute {@code value} of the offers, according to the present catalog.
     *
     * @param withoutBefore number of decisions whose offers have no such number; they count as 0
     */
    @RegisterForReflection
    public record Value(double before, double after, @JsonProperty("without_before") long withoutBefore,
            @JsonProperty("without_after") long withoutAfter) {
    }

    /** Means of the winning scores; absent if there are none. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Score(@Nullable Double before, @Nullable Double after) {
    }

    @RegisterForReflection
    public record Segment(String segment, long size, List<OfferShare> mix) {
    }

    /**
     * Shares by the values of an attribute.
     *
     * @param source whether values were recorded with the decisions or come from present profiles
     * @param note why there are no groups
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Grouped(String attribute, String source, @Nullable String note, List<Group> groups) {
    }

    @RegisterForReflection
    public record Group(String group, long size, List<OfferShare> mix) {
    }

    /**
     * @param note how to read these figures
     * @param minimumGroupSize number of different customers that a group needs to be compared with others
     */
    @RegisterForReflection
    public record Fairness(String note, @JsonProperty("minimum_group_size") int minimumGroupSize,
            List<Protected> attributes) {
    }

    /**
     * @param because why the draft may decide by the attribute; absent if it may not
     * @param source whether values were recorded with the decisions or come from present profiles
     * @param note why there are no groups
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Protected(String attribute, @Nullable String because, String source, @Nullable String note,
            List<Selections> groups) {
    }

    /** @param small whether the group has fewer customers than the minimum, so that its rates mean little */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Selections(String group, long size, boolean small, @Nullable String warning, Selected before,
            Selected after, List<OfferShare> mix) {
    }

    /**
     * @param selected number of decisions for another offer than the strategy's {@code otherwise}
     * @param ratio the ratio of this rate to the highest rate of the groups that are not small; absent if there is none
     * @param belowFourFifths whether the ratio is less than 0.8
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Selected(long selected, double rate, @Nullable Double ratio,
            @JsonProperty("below_four_fifths") @Nullable Boolean belowFourFifths) {
    }
}
