package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.List;

import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/** A strategy with the catalog it chooses from. Immutable and thread-safe; choosing is a pure function. */
public interface Chooser {

    Strategy strategy();

    /** What is wrong with the catalog for this strategy: nothing can be chosen before that is mended. */
    List<String> obstacles();

    /**
     * @param at when it is decided: offers that are not valid then are left out
     * @throws UndecidableException naming the rule that can't be computed, for example because it divides by zero
     */
    Choice choose(Inputs inputs, Instant at);

    /**
     * What was chosen, and what became of all that was not.
     *
     * @throws UndecidableException as {@link #choose} does
     */
    Explanation explain(Inputs inputs, Instant at);
}
