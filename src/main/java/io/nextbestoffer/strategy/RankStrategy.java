package io.nextbestoffer.strategy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Finding.Severity;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.input.Attribute;

/**
 * A strategy that scores the offers a customer is eligible for; the highest score decides.
 * <p>
 * {@code score = (sum of weight × value over the terms) × value × weight}
 */
public final class RankStrategy extends Strategy {

    /**
     * A rule that lets offers compete: one offer, or all offers of a category that no rule before names.
     *
     * @param when the condition of these offers; null if they have none of their own
     * @param value null: 1
     * @param weight null: 1
     * @param priority among equal scores, the one with the least priority wins
     */
    public record CandidateRule(@Nullable Id offer, @Nullable String category, @Nullable WhenClause when,
            @Nullable Expression value, @Nullable Expression weight, int priority, int line, int column) {

        boolean includes(Offer candidate) {
            return offer != null ? offer.equals(candidate.id()) : Objects.equals(category, candidate.category());
        }
    }

    /**
     * A condition.
     *
     * @param text the condition as its author wrote it
     */
    public record WhenClause(String text, Expression expression) {
    }

    /** A named summand of the score: {@code weight × value}. */
    public record ScoreTerm(String name, Expression weight, Expression value) {
    }

    /**
     * How offers are ranked.
     *
     * @param eligible the condition of every candidate; null: none
     * @param owned the attribute that lists the ids or names of offers the customer owns; null: no offer is left out
     * @param above the score that an offer must exceed; null: any
     * @param limit the most offers in a ranking
     */
    public record Ranking(List<CandidateRule> rules, @Nullable WhenClause eligible, @Nullable Attribute owned,
            List<ScoreTerm> terms, @Nullable Double above, int limit) {
    }

    /** Attributes of every offer, from the catalog and from what the customer owns. */
    public static final String CATEGORY = "category";
    public static final String PORTFOLIO_GAP = "portfolio_gap";

    private final Ranking ranking;

    public RankStrategy(Head head, Ranking ranking) {
        super(head);
        this.ranking = ranking;
    }

    Ranking ranking() {
        return ranking;
    }

    @Override
    public String kind() {
        return RANK;
    }

    @Override
    public Set<Id> offers() {
        Set<Id> all = new LinkedHashSet<>();
        ranking.rules().stream().map(CandidateRule::offer).filter(Objects::nonNull).forEach(all::add);
        all.add(otherwise());
        return all;
    }

    @Override
    public List<Criterion> criteria(Offer offer) {
        if (offer.id().equals(otherwise())) {
            return List.of();
        }
        return ranking.rules().stream().filter(rule -> rule.includes(offer)).findFirst()
                .map(rule -> List.of(new Criterion(RANKED, when(rule)))).orElse(List.of());
    }

    /** All conditions that must hold for the offers of a rule, joined by {@code &&}. */
    String when(CandidateRule rule) {
        return Stream.of(ranking.eligible(), rule.when()).filter(Objects::nonNull).map(WhenClause::text)
                .reduce((one, other) -> "(" + one + ") && (" + other + ")").orElse("true");
    }

    /** An offer with the rule that lets it compete. */
    record CandidateOffer(Offer offer, CandidateRule rule) {
    }

    /** The offers that compete, in the order of rules, then of ids. */
    List<CandidateOffer> candidates(Catalog catalog) {
        var candidates = new ArrayList<CandidateOffer>();
        Set<Id> taken = new LinkedHashSet<>(Set.of(otherwise()));
        List<Offer> sorted = catalog.offers().values().stream()
                .sorted((one, other) -> Catalog.ORDER.compare(one.id(), other.id())).toList();
        for (CandidateRule rule : ranking.rules()) {
            sorted.stream().filter(rule::includes).filter(offer -> taken.add(offer.id()))
                    .forEach(offer -> candidates.add(new CandidateOffer(offer, rule)));
        }
        return candidates;
    }

    @Override
    void check(Catalog catalog, List<Finding> found) {
        List<CandidateOffer> candidates = candidates(catalog);
        Set<CandidateRule> used = candidates.stream().map(CandidateOffer::rule).collect(Collectors.toSet());
        ranking.rules().stream().filter(rule -> !used.contains(rule))
                .filter(rule -> catalog.offers().values().stream().anyMatch(rule::includes))
                .forEach(rule -> found.add(new Finding(Severity.WARNING, rule.line(), rule.column(),
                        "this candidate has no effect: its offers belong to candidates before it, or to otherwise")));
        for (CandidateRule rule : ranking.rules()) {
            if (rule.offer() != null && catalog.get(rule.offer()) == null) {
                found.add(missing(rule.offer(), rule.line(), rule.column(), catalog));
            } else if (rule.offer() == null && catalog.offers().values().stream().noneMatch(rule::includes)) {
                found.add(new Finding(Severity.WARNING, rule.line(), rule.column(),
                        "the catalog has no offer of category " + rule.category()));
            }
        }
        if (catalog.get(otherwise()) == null) {
            found.add(missing(otherwise(), head().otherwise().line(), head().otherwise().column(), catalog));
        }
        candidates.forEach(candidate -> problems(candidate.offer()).forEach(problem -> found.add(
                new Finding(Severity.ERROR, candidate.rule().line(), candidate.rule().column(), problem))));
    }

    /** The declared attributes that an offer lacks or has with an invalid value. */
    private List<String> problems(Offer offer) {
        var problems = new ArrayList<String>();
        head().schema().check(attributes(offer, false),
                (attribute, problem) -> problems.add("offer " + offer.id() + ": " + problem));
        return problems;
    }

    /** The attributes of an offer as expressions read them. */
    Attributes attributes(Offer offer, boolean portfolioGap) {
        var all = new Attributes.Builder();
        offer.attributes().filter(name -> !name.equals(CATEGORY) && !name.equals(PORTFOLIO_GAP)).forEach(all::add);
        return all.add(CATEGORY, offer.category() == null ? "" : offer.category()).add(PORTFOLIO_GAP, portfolioGap)
                .build();
    }

    @Override
    public Chooser on(Catalog catalog) {
        List<String> obstacles = Stream.concat(missingOffers(catalog).stream(),
                candidates(catalog).stream().flatMap(candidate -> problems(candidate.offer()).stream())).toList();
        return new RankChooser(this, catalog, obstacles);
    }
}
