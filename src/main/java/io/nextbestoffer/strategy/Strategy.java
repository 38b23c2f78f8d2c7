package io.nextbestoffer.strategy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import com.fasterxml.jackson.core.JsonGenerator;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;

/**
 * How to decide, compiled from a document. Immutable and thread-safe; deciding is a pure function of the inputs.
 */
public sealed interface Strategy permits FirstMatchStrategy {

    /** What decides when no rule does. */
    String OTHERWISE = "otherwise";

    /**
     * @param document YAML or JSON, at most 64 KiB
     * @throws InvalidStrategyException naming all problems with their positions
     */
    static Strategy parse(String document) {
        return StrategyParser.parse(document);
    }

    String name();

    /** From 1. */
    int version();

    /** May be empty. */
    String description();

    /** In the order they are tried. */
    List<Rule> rules();

    Id otherwise();

    /** All offers it can choose. */
    Set<Id> offers();

    /** References of the attributes that go out with the offer, for example {@code customer.income}, in order. */
    List<String> output();

    /**
     * Takes what the strategy declares out of an activity and its customer.
     *
     * @throws UndecidableException if an attribute is missing or has the wrong type
     */
    Inputs inputs(Activity activity, Customer customer);

    /**
     * Whether an activity has what the strategy takes from it, whoever its customer is.
     *
     * @param problem gets the attribute's name without {@code activity.}, and what is wrong with it
     */
    void check(Activity activity, BiConsumer<String, String> problem);

    /**
     * Reads back what {@link Inputs#writeTo} wrote, to explain or replay a past decision.
     *
     * @param json a JSON object as {@link io.nextbestoffer.attribute.JsonReader#value} reads it
     * @throws UndecidableException if an attribute is missing or has the wrong type
     */
    Inputs inputs(Map<?, ?> json);

    /** Whether all that is declared goes out, so that {@link #inputs(Attributes)} has all it needs. */
    boolean putsOutAllInputs();

    /**
     * Reads back what {@link #writeOutput} wrote.
     *
     * @param output the fields of the record that went out
     * @throws UndecidableException if an attribute is missing or has the wrong type
     */
    Inputs inputs(Attributes output);

    /** @throws UndecidableException naming the rule that can't be computed, for example because it divides by zero */
    Choice choose(Inputs inputs);

    /**
     * All rules in order, then {@value #OTHERWISE}. A rule after the chosen one that can't be computed counts as not
     * matched: it had no part in the decision.
     *
     * @throws UndecidableException as {@link #choose} does
     */
    List<RuleOutcome> explain(Inputs inputs);

    /** Writes the {@link #output} attributes as fields, named without {@code activity.} or {@code customer.}. */
    void writeOutput(Inputs inputs, JsonGenerator json) throws IOException;
}
