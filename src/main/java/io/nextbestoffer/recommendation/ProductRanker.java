package io.nextbestoffer.recommendation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * Ranks products for one request. It checks, ranks and explains with the same version of the strategy and the same
 * catalog, even if another version is activated meanwhile.
 */
final class ProductRanker {

    private final Chooser chooser;
    private final Instant now;

    ProductRanker(Chooser chooser, Instant now) {
        this.chooser = chooser;
        this.now = now;
    }

    /** @param segments the segments that the customer belongs to */
    record RankedProducts(Choice choice, List<String> segments) {
    }

    /** The attributes of a customer that are missing or invalid, named without {@code customer.}. */
    List<Violation> violations(Customer customer) {
        var violations = new ArrayList<Violation>();
        chooser.strategy().check(DecisionContext.withoutActivity(customer), (attribute, message) -> violations
                .add(new Violation(attribute.name(), message.replace(attribute.reference(), attribute.name()))));
        return violations;
    }

    RankedProducts rank(Customer customer) {
        return decide(customer, inputs -> new RankedProducts(chooser.choose(inputs, now),
                chooser.strategy().segments(inputs)));
    }

    ExplanationJson explain(Customer customer) {
        return decide(customer, inputs -> ExplanationJson.of(inputs, chooser.explain(inputs, now)));
    }

    private <T> T decide(Customer customer, Function<Inputs, T> decision) {
        try {
            return decision.apply(chooser.strategy().inputs(DecisionContext.withoutActivity(customer)));
        } catch (UndecidableException e) {
            throw Problems.problem(422, "undecidable", "Products can't be ranked", e.getMessage()).build();
        }
    }
}
