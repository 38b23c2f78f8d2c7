package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Finding.Severity;
import io.nextbestoffer.strategy.check.Coverage;
import io.nextbestoffer.strategy.check.Coverage.Verdict;
import io.nextbestoffer.strategy.explain.ConditionExplainer;
import io.nextbestoffer.strategy.explain.CounterfactualSearch;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Ordered rules; the first that matches, and whose offer is valid, decides. */
public final class FirstMatchStrategy extends Strategy {

    public record CompiledRule(Rule rule, Expression when) {
    }

    private final List<CompiledRule> rules;

    public FirstMatchStrategy(Head head, List<CompiledRule> rules) {
        super(head);
        this.rules = List.copyOf(rules);
    }

    @Override
    public String kind() {
        return "first-match";
    }

    @Override
    public Set<Id> offers() {
        Set<Id> all = new LinkedHashSet<>();
        rules.forEach(one -> all.add(one.rule().offer()));
        all.add(otherwise());
        return Collections.unmodifiableSet(all);
    }

    @Override
    public List<Criterion> criteria(Offer offer) {
        return rules.stream().map(CompiledRule::rule).filter(rule -> rule.offer().equals(offer.id()))
                .map(rule -> new Criterion(rule.name(), rule.when())).toList();
    }

    @Override
    void check(Catalog catalog, List<Finding> found) {
        Map<Id, Rule> missing = new LinkedHashMap<>();
        rules.stream().map(CompiledRule::rule).filter(rule -> catalog.get(rule.offer()) == null)
                .forEach(rule -> missing.putIfAbsent(rule.offer(), rule));
        missing.forEach((offer, rule) -> found.add(missing(offer, rule.line(), rule.column(), catalog)));
        if (catalog.get(otherwise()) == null && !missing.containsKey(otherwise())) {
            found.add(missing(otherwise(), head().otherwise().line(), head().otherwise().column(), catalog));
        }
        addUnreachable(catalog, found);
    }

    private void addUnreachable(Catalog catalog, List<Finding> found) {
        var coverage = new Coverage();
        Set<Id> unreachable = new LinkedHashSet<>();
        Set<Id> reachable = new LinkedHashSet<>();
        for (CompiledRule one : rules) {
            Rule rule = one.rule();
            Offer offer = catalog.get(rule.offer());
            // While its offer is not valid a rule leaves its customers to the next
            boolean always = offer == null || offer.validFrom() == null && offer.validUntil() == null;
            Verdict verdict = coverage.next(one.when().condition(), always);
            (verdict == Verdict.REACHABLE ? reachable : unreachable).add(rule.offer());
            if (verdict == Verdict.COVERED) {
                found.add(new Finding(Severity.WARNING, rule.line(), rule.column(), "rule " + rule.name()
                        + " can never fire: the rules before it cover every case in which its condition holds"));
            } else if (verdict == Verdict.CONTRADICTORY) {
                found.add(new Finding(Severity.WARNING, rule.line(), rule.column(),
                        "rule " + rule.name() + " can never fire: its condition contradicts itself"));
            }
        }
        unreachable.removeAll(reachable);
        unreachable.remove(otherwise());
        unreachable.forEach(offer -> found.add(new Finding(Severity.WARNING, 0, 0, "offer " + offer
                + " is never made: only rules that can never fire name it")));
    }

    @Override
    public Chooser on(Catalog catalog) {
        return new OnCatalog(catalog);
    }

    private static boolean matches(CompiledRule rule, Inputs inputs) {
        try {
            return rule.when().test(inputs);
        } catch (UncomputableException e) {
            throw new UndecidableException("rule " + rule.rule().name() + " can't be computed: " + e.getMessage());
        }
    }

    private final class OnCatalog implements Chooser {

        private final List<String> obstacles;
        private final CompiledRule[] tried;
        private final Choice[] choices;
        private final @Nullable Choice otherwise;

        /** With missing offers it can't choose, and says so. */
        OnCatalog(Catalog catalog) {
            obstacles = catalog.missing(offers()).stream().sorted(Catalog.ORDER)
                    .map(id -> "offer " + id + " is not in the catalog").toList();
            tried = obstacles.isEmpty() ? rules.toArray(CompiledRule[]::new) : new CompiledRule[0];
            choices = new Choice[tried.length];
            for (int i = 0; i < tried.length; i++) {
                Rule rule = tried[i].rule();
                choices[i] = new Choice(rule.name(), Objects.requireNonNull(catalog.get(rule.offer())), List.of());
            }
            Offer last = catalog.get(otherwise());
            otherwise = last == null ? null : new Choice(OTHERWISE, last, List.of());
        }

        @Override
        public Strategy strategy() {
            return FirstMatchStrategy.this;
        }

        @Override
        public List<String> obstacles() {
            return obstacles;
        }

        @Override
        public Choice choose(Inputs inputs, Instant at) {
            requireOwn(inputs);
            requireNoObstacle(obstacles);
            for (int i = 0; i < tried.length; i++) {
                if (matches(tried[i], inputs) && choices[i].offer().isValid(at)) {
                    return choices[i];
                }
            }
            return Objects.requireNonNull(otherwise);
        }

        @Override
        public Explanation explain(Inputs inputs, Instant at) {
            Choice chosen = choose(inputs, at);
            var candidates = new ArrayList<Candidate>(tried.length + 1);
            var changes = new CounterfactualSearch(this, inputs, at, chosen);
            for (int i = 0; i < tried.length; i++) {
                Expression when = tried[i].when();
                candidates.add(new Candidate(choices[i].rule(), tried[i].rule().when(), choices[i].offer(),
                        stage(i, inputs, at, chosen), ConditionExplainer.explain(when, inputs), null, null));
                changes.add(when.comparisons(), inputs);
            }
            candidates.add(ConditionExplainer.otherwise(Objects.requireNonNull(otherwise), chosen));
            return new Explanation(chosen, List.copyOf(candidates), segments(inputs), changes.found());
        }

        private Stage stage(int rule, Inputs inputs, Instant at, Choice chosen) {
            try {
                if (!matches(tried[rule], inputs)) {
                    return Stage.ELIGIBILITY;
                }
            } catch (UndecidableException e) {
                return Stage.NOT_COMPUTABLE;
            }
            if (!choices[rule].offer().isValid(at)) {
                return Stage.VALIDITY;
            }
            return choices[rule] == chosen ? Stage.CHOSEN : Stage.OUTRANKED;
        }
    }
}
