package io.nextbestoffer.strategy;

import io.nextbestoffer.attribute.Id;

/**
 * A rule as its author wrote it.
 *
 * @param name unique in its strategy
 * @param when a CEL expression
 */
public record Rule(String name, String when, Id offer) {
}
