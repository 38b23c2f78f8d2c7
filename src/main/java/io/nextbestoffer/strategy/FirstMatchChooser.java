package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.FirstMatchStrategy.CompiledRule;
import io.nextbestoffer.strategy.explain.ConditionExplainer;
import io.nextbestoffer.strategy.explain.CounterfactualSearch;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Inputs;

/** Chooses the offer of the first rule that matches and whose offer is valid. */
final class FirstMatchChooser implements Chooser {

    private final FirstMatchStrategy strategy;
    private final List<String> obstacles;
    private final CompiledRule[] rules;
    /** The choice of each rule, at the same index. */
    private final Choice[] choices;
    private final @Nullable Choice otherwise;

    FirstMatchChooser(FirstMatchStrategy strategy, Catalog catalog) {
        this.strategy = strategy;
        obstacles = strategy.missingOffers(catalog);
        rules = obstacles.isEmpty() ? strategy.rules().toArray(CompiledRule[]::new) : new CompiledRule[0];
        choices = new Choice[rules.length];
        for (int i = 0; i < rules.length; i++) {
            Rule rule = rules[i].rule();
            choices[i] = new Choice(rule.name(), Objects.requireNonNull(catalog.get(rule.offer())), List.of());
        }
        Offer otherwiseOffer = catalog.get(strategy.otherwise());
        otherwise = otherwiseOffer == null ? null : new Choice(Strategy.OTHERWISE, otherwiseOffer, List.of());
    }

    @Override
    public Strategy strategy() {
        return strategy;
    }

    @Override
    public List<String> obstacles() {
        return obstacles;
    }

    @Override
    public Choice choose(Inputs inputs, Instant at) {
        strategy.requireOwn(inputs);
        strategy.requireNoObstacle(obstacles);
        for (int i = 0; i < rules.length; i++) {
            if (fires(rules[i], inputs) && choices[i].offer().isValid(at)) {
                return choices[i];
            }
        }
        return Objects.requireNonNull(otherwise);
    }

    /** A rule that can't be computed from these inputs does not fire; the explanation says so. */
    private static boolean fires(CompiledRule rule, Inputs inputs) {
        try {
            return rule.when().test(inputs);
        } catch (UncomputableException e) {
            return false;
        }
    }

    @Override
    public Explanation explain(Inputs inputs, Instant at) {
        Choice chosen = choose(inputs, at);
        var candidates = new ArrayList<Candidate>(rules.length + 1);
        var counterfactuals = new CounterfactualSearch(this, inputs, at, chosen);
        for (int i = 0; i < rules.length; i++) {
            Expression when = rules[i].when();
            candidates.add(new Candidate(choices[i].rule(), rules[i].rule().when(), choices[i].offer(),
                    stage(i, inputs, at, chosen), ConditionExplainer.explain(when, inputs), null, null));
            counterfactuals.add(when.comparisons(), inputs);
        }
        candidates.add(ConditionExplainer.otherwise(Objects.requireNonNull(otherwise), chosen));
        return new Explanation(chosen, List.copyOf(candidates), strategy.segments(inputs), counterfactuals.find());
    }

    private Stage stage(int rule, Inputs inputs, Instant at, Choice chosen) {
        try {
            if (!rules[rule].when().test(inputs)) {
                return Stage.ELIGIBILITY;
            }
        } catch (UncomputableException e) {
            return Stage.NOT_COMPUTABLE;
        }
        if (!choices[rule].offer().isValid(at)) {
            return Stage.VALIDITY;
        }
        return choices[rule] == chosen ? Stage.CHOSEN : Stage.OUTRANKED;
    }
}
