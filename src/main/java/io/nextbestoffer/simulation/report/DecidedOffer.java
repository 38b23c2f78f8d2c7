package io.nextbestoffer.simulation.report;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * What a decision gave.
 *
 * @param score of the winner, finite; null where offers are not ranked
 * @param selected whether it is another offer than the one that is left if nothing else is
 */
public record DecidedOffer(Id offer, String name, @Nullable Double score, boolean selected) {
}
