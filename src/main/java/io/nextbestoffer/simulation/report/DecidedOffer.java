package io.nextbestoffer.simulation.report;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * The outcome of a decision.
 *
 * @param score the winner's score, finite; null if offers are not ranked
 * @param selected whether it is another offer than the strategy's {@code otherwise}
 */
public record DecidedOffer(Id offer, String name, @Nullable Double score, boolean selected) {
}
