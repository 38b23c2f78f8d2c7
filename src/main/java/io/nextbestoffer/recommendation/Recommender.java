package io.nextbestoffer.recommendation;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.explanation.DecisionExplainer;
import io.nextbestoffer.explanation.ExplanationJson;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.platform.Problems;
import io.nextbestoffer.platform.Problems.Violation;
import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Chooser;
import io.nextbestoffer.strategy.Document;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Ranks products for a customer by the strategy that is configured for it, as it is in force now. */
@ApplicationScoped
class Recommender {

    private final Snapshots snapshots;
    private final DecisionExplainer explanations;
    private final RecommendationConfig config;
    private final Clock clock;

    Recommender(Snapshots snapshots, DecisionExplainer explanations, RecommendationConfig config, Clock clock) {
        this.snapshots = snapshots;
        this.explanations = explanations;
        this.config = config;
        this.clock = clock;
    }

    /** @param segments the customer belongs to */
    record Recommended(Choice choice, List<String> segments) {
    }

    Recommended recommend(Customer customer) {
        Chooser chooser = chooser();
        try {
            Inputs inputs = chooser.strategy().inputs(DecisionContext.withoutActivity(customer));
            return new Recommended(chooser.choose(inputs, clock.instant()), chooser.strategy().segments(inputs));
        } catch (UndecidableException e) {
            throw undecidable(e);
        }
    }

    ExplanationJson explain(Customer customer) {
        Chooser chooser = chooser();
        try {
            return explanations.of(chooser, chooser.strategy().inputs(DecisionContext.withoutActivity(customer)),
                    clock.instant());
        } catch (UndecidableException e) {
            throw undecidable(e);
        }
    }

    /** All that keeps products from being ranked for this customer; by attribute, without its source. */
    List<Violation> violations(Customer customer) {
        var violations = new ArrayList<Violation>();
        chooser().strategy().check(DecisionContext.withoutActivity(customer), (attribute, message) -> violations
                .add(new Violation(attribute.name(), message.replace(attribute.reference(), attribute.name()))));
        return violations;
    }

    private static RuntimeException undecidable(UndecidableException e) {
        return Problems.problem(422, "undecidable", "Can't be ranked", e.getMessage()).build();
    }

    private Chooser chooser() {
        Chooser chooser = snapshots.require().chooser(config.strategy());
        if (chooser == null) {
            throw Problems.problem(503, "not-ready", "Not ready",
                    "No version of strategy " + config.strategy() + " (nbo.recommendations.strategy) is active.")
                    .build();
        }
        if (!chooser.strategy().kind().equals(Document.RANK)) {
            throw Problems.problem(503, "not-ready", "Not ready", "Strategy " + config.strategy()
                    + " (nbo.recommendations.strategy) does not rank offers: it has rules.").build();
        }
        if (!chooser.obstacles().isEmpty()) {
            throw Problems.problem(503, "not-ready", "Not ready", "Strategy " + config.strategy() + ": "
                    + String.join("; ", chooser.obstacles()) + ".").build();
        }
        return chooser;
    }
}
