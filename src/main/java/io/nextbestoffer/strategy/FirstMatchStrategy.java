package io.nextbestoffer.strategy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Finding.Severity;
import io.nextbestoffer.strategy.check.Coverage;
import io.nextbestoffer.strategy.check.Coverage.Verdict;
import io.nextbestoffer.strategy.expression.Expression;

/** A strategy of ordered rules: the first that matches, and whose offer is valid, decides. */
public final class FirstMatchStrategy extends Strategy {

    public record CompiledRule(Rule rule, Expression when) {
    }

    private final List<CompiledRule> rules;

    public FirstMatchStrategy(Head head, List<CompiledRule> rules) {
        super(head);
        this.rules = List.copyOf(rules);
    }

    List<CompiledRule> rules() {
        return rules;
    }

    @Override
    public String kind() {
        return "first-match";
    }

    @Override
    public Set<Id> offers() {
        Set<Id> all = new LinkedHashSet<>();
        rules.forEach(rule -> all.add(rule.rule().offer()));
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
        for (CompiledRule compiled : rules) {
            Rule rule = compiled.rule();
            Offer offer = catalog.get(rule.offer());
            // While its offer is not valid, a rule leaves its customers to the rules after it
            boolean alwaysDecides = offer == null || offer.validFrom() == null && offer.validUntil() == null;
            Verdict verdict = coverage.next(compiled.when().condition(), alwaysDecides);
            (verdict == Verdict.REACHABLE ? reachable : unreachable).add(rule.offer());
            if (verdict != Verdict.REACHABLE) {
                found.add(new Finding(Severity.WARNING, rule.line(), rule.column(), "rule " + rule.name()
                        + " can never fire: " + (verdict == Verdict.COVERED
                                ? "the rules before it cover every case in which its condition holds"
                                : "its condition contradicts itself or the limits of the attributes")));
            }
        }
        unreachable.removeAll(reachable);
        unreachable.remove(otherwise());
        unreachable.forEach(offer -> found.add(new Finding(Severity.WARNING, 0, 0, "offer " + offer
                + " is never chosen: only rules that can never fire name it")));
    }

    @Override
    public Chooser on(Catalog catalog) {
        return new FirstMatchChooser(this, catalog);
    }
}
