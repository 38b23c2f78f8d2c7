package io.nextbestoffer.strategy;

import io.nextbestoffer.attribute.Id;

/**
 * A rule as its author wrote it.
 *
 * @param name unique in its strategy
 * @param when a condition in CEL
 * @param line its line in the document, from 1
 * @param column from 1
 */
public record Rule(String name, String when, Id offer, int line, int column) {
}
