package io.nextbestoffer.strategy;

import java.util.List;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Offer;

/**
 * What a strategy chose.
 *
 * @param rule the name of the rule that decided, {@value Strategy#RANKED} or {@value Strategy#OTHERWISE}
 * @param ranking the best, best first, where offers were ranked: the chosen one and its alternatives; else empty
 */
public record Choice(String rule, Offer offer, List<Ranked> ranking) {

    /**
     * An offer among the best.
     *
     * @param score finite
     * @param portfolioGap whether the customer has nothing of its category yet
     */
    public record Ranked(Offer offer, double score, boolean portfolioGap) {

        public Id id() {
            return offer.id();
        }
    }
}
