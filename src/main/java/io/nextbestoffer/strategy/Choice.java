package io.nextbestoffer.strategy;

import java.util.List;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Offer;

/**
 * The offer that a strategy chose.
 *
 * @param rule the name of the rule that decided, {@value Strategy#RANKED} or {@value Strategy#OTHERWISE}
 * @param ranking the chosen offer and its alternatives, the best first; empty if offers were not ranked
 */
public record Choice(String rule, Offer offer, List<Ranked> ranking) {

    /**
     * An offer of the ranking.
     *
     * @param score finite
     * @param portfolioGap whether the customer owns nothing of its category yet
     */
    public record Ranked(Offer offer, double score, boolean portfolioGap) {

        public Id id() {
            return offer.id();
        }
    }
}
