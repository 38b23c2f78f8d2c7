package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice.Ranked;
import io.nextbestoffer.strategy.RankStrategy.CandidateRule;
import io.nextbestoffer.strategy.RankStrategy.Ranking;
import io.nextbestoffer.strategy.RankStrategy.ScoreTerm;
import io.nextbestoffer.strategy.RankStrategy.WhenClause;
import io.nextbestoffer.strategy.explain.ConditionExplainer;
import io.nextbestoffer.strategy.explain.CounterfactualSearch;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.ComparisonResult;
import io.nextbestoffer.strategy.explain.Explanation.ScoreBreakdown;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.explain.Explanation.TermScore;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Scope;

/** Ranks the offers of one catalog by score. */
final class RankChooser implements Chooser {

    /** The highest score first; equal scores by the priority of their rule, then in the order of the document. */
    private static final Comparator<ScoredCandidate> BEST_FIRST = Comparator
            .comparingDouble((ScoredCandidate scored) -> -scored.score)
            .thenComparingInt(scored -> scored.candidate.rule.priority());

    private final RankStrategy strategy;
    private final Ranking ranking;
    private final List<String> obstacles;
    private final List<CompiledCandidate> candidates;
    private final OwnedOffers.Categories categories;
    private final @Nullable Choice otherwise;

    /** @param obstacles why this catalog can't be ranked; if there are any, choosing fails */
    RankChooser(RankStrategy strategy, Catalog catalog, List<String> obstacles) {
        this.strategy = strategy;
        this.ranking = strategy.ranking();
        this.obstacles = obstacles;
        candidates = obstacles.isEmpty()
                ? strategy.candidates(catalog).stream().map(CompiledCandidate::new).toList()
                : List.of();
        categories = new OwnedOffers.Categories(catalog);
        Offer otherwiseOffer = catalog.get(strategy.otherwise());
        otherwise = otherwiseOffer == null ? null : new Choice(Strategy.OTHERWISE, otherwiseOffer, List.of());
    }

    /** A candidate with the values of its offer's attributes, as expressions read them. */
    private final class CompiledCandidate {
        private final Offer offer;
        private final CandidateRule rule;
        private final Object[] valuesInGap;
        private final Object[] valuesOutsideGap;

        CompiledCandidate(RankStrategy.CandidateOffer candidate) {
            offer = candidate.offer();
            rule = candidate.rule();
            valuesInGap = strategy.head().schema().offerValues(strategy.attributes(offer, true));
            valuesOutsideGap = strategy.head().schema().offerValues(strategy.attributes(offer, false));
        }

        Scope scope(Inputs inputs, OwnedOffers owned) {
            return new CandidateScope(inputs, owned.hasCategoryOf(offer) ? valuesOutsideGap : valuesInGap);
        }
    }

    private record CandidateScope(Inputs inputs, Object[] offerValues) implements Scope {
        @Override
        public Object get(Attribute attribute) {
            return attribute.ofOffer() ? offerValues[attribute.index()] : inputs.get(attribute);
        }
    }

    private record ScoredCandidate(CompiledCandidate candidate, double score, boolean portfolioGap) {
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
        return choice(rank(inputs, owned(inputs), at));
    }

    private Choice choice(List<ScoredCandidate> ranked) {
        if (ranked.isEmpty()) {
            return Objects.requireNonNull(otherwise);
        }
        List<Ranked> best = ranked.stream().limit(ranking.limit())
                .map(scored -> new Ranked(scored.candidate.offer, scored.score, scored.portfolioGap)).toList();
        return new Choice(Strategy.RANKED, best.get(0).offer(), best);
    }

    /** All candidates that can be chosen, the best first. */
    private List<ScoredCandidate> rank(Inputs inputs, OwnedOffers owned, Instant at) {
        strategy.requireOwn(inputs);
        strategy.requireNoObstacle(obstacles);
        var ranked = new ArrayList<ScoredCandidate>();
        for (CompiledCandidate candidate : candidates) {
            try {
                Scope scope = candidate.scope(inputs, owned);
                if (candidate.offer.isValid(at) && isEligible(candidate, scope) && !owned.has(candidate.offer)) {
                    double score = score(candidate, scope);
                    if (ranking.above() == null || score > ranking.above()) {
                        ranked.add(new ScoredCandidate(candidate, score, isPortfolioGap(candidate.offer, owned)));
                    }
                }
            } catch (UncomputableException e) {
                // A candidate that can't be computed from these inputs is not offered; the explanation says so
            }
        }
        ranked.sort(BEST_FIRST);
        return ranked;
    }

    private OwnedOffers owned(Inputs inputs) {
        return ranking.owned() == null
                ? OwnedOffers.NONE
                : OwnedOffers.of((List<?>) inputs.get(ranking.owned()), categories);
    }

    private boolean isPortfolioGap(Offer offer, OwnedOffers owned) {
        return ranking.owned() != null && offer.category() != null && !owned.hasCategoryOf(offer);
    }

    private boolean isEligible(CompiledCandidate candidate, Scope scope) {
        return holds(ranking.eligible(), scope) && holds(candidate.rule.when(), scope);
    }

    private static boolean holds(@Nullable WhenClause condition, Scope scope) {
        return condition == null || condition.expression().test(scope);
    }

    /** @throws UncomputableException if a part of the score can't be computed, or the score is not finite */
    private double score(CompiledCandidate candidate, Scope scope) {
        double sum = 0;
        for (ScoreTerm term : ranking.terms()) {
            sum += number(term.weight(), scope) * number(term.value(), scope);
        }
        return UncomputableException.requireFinite(
                sum * number(candidate.rule.value(), scope) * number(candidate.rule.weight(), scope));
    }

    private static double number(@Nullable Expression expression, Scope scope) {
        return expression == null ? 1 : expression.number(scope);
    }

    @Override
    public Explanation explain(Inputs inputs, Instant at) {
        OwnedOffers owned = owned(inputs);
        List<ScoredCandidate> ranked = rank(inputs, owned, at);
        Choice chosen = choice(ranked);
        var explained = new ArrayList<Candidate>();
        var counterfactuals = new CounterfactualSearch(this, inputs, at, chosen);
        List<Comparison> commonComparisons = commonComparisons();
        var comparisonsOfRules = new IdentityHashMap<CandidateRule, List<Comparison>>();
        for (CompiledCandidate candidate : candidates) {
            Scope scope = candidate.scope(inputs, owned);
            explained.add(explain(candidate, scope, owned, ranked, at));
            counterfactuals.add(commonComparisons, scope);
            counterfactuals.add(comparisonsOfRules.computeIfAbsent(candidate.rule, RankChooser::comparisons), scope);
        }
        explained.add(ConditionExplainer.otherwise(Objects.requireNonNull(otherwise), chosen));
        return new Explanation(chosen, List.copyOf(explained), strategy.segments(inputs), counterfactuals.find());
    }

    /** The comparisons that concern every candidate. */
    private List<Comparison> commonComparisons() {
        Stream<Expression> eligible = Stream.ofNullable(ranking.eligible()).map(WhenClause::expression);
        Stream<Expression> terms = ranking.terms().stream().flatMap(term -> Stream.of(term.weight(), term.value()));
        return comparisons(Stream.concat(eligible, terms));
    }

    private static List<Comparison> comparisons(CandidateRule rule) {
        return comparisons(Stream.of(Stream.ofNullable(rule.when()).map(WhenClause::expression),
                Stream.ofNullable(rule.value()), Stream.ofNullable(rule.weight())).flatMap(part -> part));
    }

    private static List<Comparison> comparisons(Stream<Expression> expressions) {
        return expressions.flatMap(expression -> expression.comparisons().stream()).toList();
    }

    private Candidate explain(CompiledCandidate candidate, Scope scope, OwnedOffers owned,
            List<ScoredCandidate> ranked, Instant at) {
        Integer rank = rankOf(candidate, ranked);
        Stage stage = stage(candidate, scope, owned, rank, at);
        boolean isScored = rank != null || stage == Stage.BELOW_MINIMUM;
        return new Candidate(Strategy.RANKED, strategy.when(candidate.rule), candidate.offer, stage,
                explainConditions(candidate, scope), isScored ? explainScore(candidate, scope) : null, rank);
    }

    private static @Nullable Integer rankOf(CompiledCandidate candidate, List<ScoredCandidate> ranked) {
        for (int i = 0; i < ranked.size(); i++) {
            if (ranked.get(i).candidate == candidate) {
                return i + 1;
            }
        }
        return null;
    }

    private Stage stage(CompiledCandidate candidate, Scope scope, OwnedOffers owned, @Nullable Integer rank,
            Instant at) {
        if (rank != null) {
            return rank == 1 ? Stage.CHOSEN : Stage.OUTRANKED;
        }
        if (!candidate.offer.isValid(at)) {
            return Stage.VALIDITY;
        }
        try {
            if (!isEligible(candidate, scope)) {
                return Stage.ELIGIBILITY;
            }
            if (owned.has(candidate.offer)) {
                return Stage.OWNED;
            }
            score(candidate, scope);
            return Stage.BELOW_MINIMUM;
        } catch (UncomputableException e) {
            return Stage.NOT_COMPUTABLE;
        }
    }

    private List<ComparisonResult> explainConditions(CompiledCandidate candidate, Scope scope) {
        return Stream.concat(Stream.ofNullable(ranking.eligible()), Stream.ofNullable(candidate.rule.when()))
                .flatMap(condition -> ConditionExplainer.explain(condition.expression(), scope).stream()).toList();
    }

    private ScoreBreakdown explainScore(CompiledCandidate candidate, Scope scope) {
        List<TermScore> terms = ranking.terms().stream().map(term -> {
            double weight = number(term.weight(), scope);
            double value = number(term.value(), scope);
            return new TermScore(term.name(), weight, value, weight * value);
        }).toList();
        return new ScoreBreakdown(terms, number(candidate.rule.value(), scope), number(candidate.rule.weight(), scope),
                score(candidate, scope));
    }
}
