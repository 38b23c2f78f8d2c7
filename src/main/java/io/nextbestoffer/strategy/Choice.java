package io.nextbestoffer.strategy;

import io.nextbestoffer.attribute.Id;

/**
 * What a strategy chose.
 *
 * @param rule the name of the rule that decided, or {@value Strategy#OTHERWISE}
 */
public record Choice(String rule, Id offer) {
}
