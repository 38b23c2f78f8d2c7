package io.nextbestoffer.strategy.input;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Marks an attribute by which customers must not be treated differently without a reason.
 *
 * @param because why the strategy may decide by it; null if it may not
 * @param bands the least values of groups of numbers, ascending: 30 and 60 make three groups
 */
public record Protection(@Nullable String because, List<Double> bands) {
}
