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
 * Scores the offers somebody is eligible for; the best decides.
 * <p>
 * {@code score = (sum of weight × value over the terms) × value × weight}
 */
public final class RankStrategy extends Strategy {

    /**
     * Offers that compete: one, or all of a category that are not named by an entry before.
     *
     * @param when null: no condition of its own
     * @param value null: 1
     * @param weight null: 1
     * @param priority among those of equal score the least wins
     */
    public record CandidateRule(@Nullable Id offer, @Nullable String category, @Nullable WhenClause when,
            @Nullable Expression value,
            @Nullable Expression weight, int priority, int line, int column) {

        boolean isOf(Offer one) {
            return offer != null ? offer.equals(one.id()) : Objects.equals(category, one.category());
        }
    }

    /** @param text as it is written */
    public record WhenClause(String text, Expression expression) {
    }

    public record Term(String name, Expression weight, Expression value) {
    }

    /**
     * @param eligible holds for all; null: no such condition
     * @param owned what the customer has, ids or names of offers; null: nothing is left out
     * @param above the score an offer must exceed; null: any
     * @param limit most offers in a ranking
     */
    public record Ranking(List<CandidateRule> entries, @Nullable WhenClause eligible, @Nullable Attribute owned,
            List<Term> terms,
            @Nullable Double above, int limit) {
    }

    /** Set by the strategy itself, from the catalog and what the customer owns. */
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
        ranking.entries().stream().map(CandidateRule::offer).filter(Objects::nonNull).forEach(all::add);
        all.add(otherwise());
        return all;
    }

    @Override
    public List<Criterion> criteria(Offer offer) {
        if (offer.id().equals(otherwise())) {
            return List.of();
        }
        return ranking.entries().stream().filter(entry -> entry.isOf(offer)).findFirst()
                .map(entry -> List.of(new Criterion(RANKED, when(entry)))).orElse(List.of());
    }

    /** All conditions that must hold for an offer. */
    String when(CandidateRule entry) {
        return Stream.of(ranking.eligible(), entry.when()).filter(Objects::nonNull).map(WhenClause::text)
                .reduce((one, other) -> "(" + one + ") && (" + other + ")").orElse("true");
    }

    /** The offers that compete, with the entry that lets each in; in the order of entries, then of ids. */
    List<EligibleOffer> contenders(Catalog catalog) {
        var contenders = new ArrayList<EligibleOffer>();
        Set<Id> in = new LinkedHashSet<>(Set.of(otherwise()));
        List<Offer> sorted = catalog.offers().values().stream()
                .sorted((one, other) -> Catalog.ORDER.compare(one.id(), other.id())).toList();
        for (CandidateRule entry : ranking.entries()) {
            sorted.stream().filter(entry::isOf).filter(offer -> in.add(offer.id()))
                    .forEach(offer -> contenders.add(new EligibleOffer(offer, entry)));
        }
        return contenders;
    }

    record EligibleOffer(Offer offer, CandidateRule entry) {
    }

    @Override
    void check(Catalog catalog, List<Finding> found) {
        Set<CandidateRule> in = contenders(catalog).stream().map(EligibleOffer::entry).collect(Collectors.toSet());
        ranking.entries().stream().filter(entry -> !in.contains(entry))
                .filter(entry -> catalog.offers().values().stream().anyMatch(entry::isOf))
                .forEach(entry -> found.add(new Finding(Severity.WARNING, entry.line(), entry.column(),
                        "this candidate never counts: its offers are those of candidates before it, or otherwise")));
        for (CandidateRule entry : ranking.entries()) {
            if (entry.offer() != null && catalog.get(entry.offer()) == null) {
                found.add(missing(entry.offer(), entry.line(), entry.column(), catalog));
            } else if (entry.offer() == null && catalog.offers().values().stream().noneMatch(entry::isOf)) {
                found.add(new Finding(Severity.WARNING, entry.line(), entry.column(),
                        "the catalog has no offer of category " + entry.category()));
            }
        }
        if (catalog.get(otherwise()) == null) {
            found.add(missing(otherwise(), head().otherwise().line(), head().otherwise().column(), catalog));
        }
        contenders(catalog).forEach(one -> problems(one.offer()).forEach(problem -> found.add(
                new Finding(Severity.ERROR, one.entry().line(), one.entry().column(), problem))));
    }

    /** What an offer lacks of the attributes that are taken from it. */
    List<String> problems(Offer offer) {
        var problems = new ArrayList<String>();
        head().declared().check(attributes(offer, false),
                (attribute, problem) -> problems.add("offer " + offer.id() + ": " + problem));
        return problems;
    }

    Attributes attributes(Offer offer, boolean portfolioGap) {
        var all = new Attributes.Builder();
        offer.attributes().filter(name -> !name.equals(CATEGORY) && !name.equals(PORTFOLIO_GAP)).forEach(all::add);
        return all.add(CATEGORY, offer.category() == null ? "" : offer.category()).add(PORTFOLIO_GAP, portfolioGap)
                .build();
    }

    @Override
    public Chooser on(Catalog catalog) {
        List<String> obstacles = Stream.concat(
                catalog.missing(offers()).stream().sorted(Catalog.ORDER)
                        .map(id -> "offer " + id + " is not in the catalog"),
                contenders(catalog).stream().flatMap(one -> problems(one.offer()).stream()))
                .collect(Collectors.toList());
        return new RankChooser(this, catalog, obstacles);
    }
}
