package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.List;

import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.input.Inputs;

/** Chooses offers by one strategy from one catalog. Immutable and thread-safe; choosing is a pure function. */
public interface Chooser {

    Strategy strategy();

    /** Why nothing can be chosen from this catalog; empty if offers can be chosen. */
    List<String> obstacles();

    /**
     * Chooses an offer. A rule or a candidate that can't be computed from these inputs, for example because it divides
     * by zero, is skipped.
     *
     * @param at the time of the decision; offers that are not valid then are left out
     */
    Choice choose(Inputs inputs, Instant at);

    /**
     * Chooses an offer and explains the choice.
     */
    Explanation explain(Inputs inputs, Instant at);
}
