package io.nextbestoffer.strategy.input;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Marks an attribute by which nobody should be treated differently without a reason.
 *
 * @param because why the strategy may use it; null if it may not
 * @param bands where groups of numbers begin, ascending: 30 and 60 make three groups
 */
public record Protection(@Nullable String because, List<Double> bands) {
}
