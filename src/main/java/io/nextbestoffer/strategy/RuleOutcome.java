package io.nextbestoffer.strategy;

import io.nextbestoffer.attribute.Id;

/**
 * How a rule came out for one decision.
 *
 * @param rule its name, or {@value Strategy#OTHERWISE}
 * @param when its expression; {@code true} for {@value Strategy#OTHERWISE}
 * @param matched whether its condition holds, also for a rule after the chosen one
 * @param chosen whether it decided; true for exactly one outcome of a decision
 */
public record RuleOutcome(String rule, String when, Id offer, boolean matched, boolean chosen) {
}
