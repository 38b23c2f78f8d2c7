package io.nextbestoffer.strategy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice.Ranked;
import io.nextbestoffer.strategy.RankStrategy.Ranking;
import io.nextbestoffer.strategy.RankStrategy.Term;
import io.nextbestoffer.strategy.RankStrategy.WhenClause;
import io.nextbestoffer.strategy.explain.ConditionExplainer;
import io.nextbestoffer.strategy.explain.CounterfactualSearch;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Compared;
import io.nextbestoffer.strategy.explain.Explanation.Score;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.expression.Condition.Comparison;
import io.nextbestoffer.strategy.expression.Expression;
import io.nextbestoffer.strategy.expression.UncomputableException;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.Inputs;
import io.nextbestoffer.strategy.input.Scope;
import io.nextbestoffer.strategy.input.UndecidableException;

/** Ranks the offers of one catalog. */
final class RankChooser implements Chooser {

    /** The best first; ties go by the document's priorities, then by its order. */
    private static final Comparator<Scored> BEST = Comparator.comparingDouble((Scored one) -> -one.score)
            .thenComparingInt(one -> one.contender.priority);

    private final RankStrategy strategy;
    private final Ranking ranking;
    private final List<String> obstacles;
    private final List<CompiledCandidate> contenders = new ArrayList<>();
    /** Of offers, by their ids and by their names, which need not be unique. */
    private final Map<String, Set<String>> categories = new HashMap<>();
    private final @Nullable Choice otherwise;

    /** @param obstacles if there are any, it can't choose, and says so */
    RankChooser(RankStrategy strategy, Catalog catalog, List<String> obstacles) {
        this.strategy = strategy;
        this.ranking = strategy.ranking();
        this.obstacles = obstacles;
        Offer last = catalog.get(strategy.otherwise());
        otherwise = last == null ? null : new Choice(Strategy.OTHERWISE, last, List.of());
        if (obstacles.isEmpty()) {
            strategy.contenders(catalog).forEach(one -> contenders.add(new CompiledCandidate(one)));
        }
        catalog.offers().values().stream().filter(offer -> offer.category() != null).forEach(offer -> {
            for (String text : List.of(offer.name(), offer.id().text())) {
                categories.computeIfAbsent(key(text), any -> new HashSet<>()).add(offer.category());
            }
        });
    }

    /** An offer with its attributes as expressions see them. */
    private final class CompiledCandidate {

        private final Offer offer;
        private final RankStrategy.CandidateRule entry;
        private final int priority;
        private final Object[] held;
        private final Object[] gap;

        CompiledCandidate(RankStrategy.EligibleOffer one) {
            offer = one.offer();
            entry = one.entry();
            priority = entry.priority();
            held = strategy.head().declared().ofOffer(strategy.attributes(offer, false));
            gap = strategy.head().declared().ofOffer(strategy.attributes(offer, true));
        }

        Scope scope(Inputs inputs, Owned owned) {
            return new OfferScope(inputs, owned.hasCategory(offer) ? held : gap);
        }
    }

    private record OfferScope(Inputs inputs, Object[] ofOffer) implements Scope {

        @Override
        public Object get(Attribute attribute) {
            return attribute.ofOffer() ? ofOffer[attribute.index()] : inputs.get(attribute);
        }
    }

    private record Scored(CompiledCandidate contender, double score, boolean portfolioGap) {
    }

    /** What the customer has: texts of any case, and the categories of those that are in the catalog. */
    private record Owned(Set<String> texts, Set<String> categories) {

        static final Owned NOTHING = new Owned(Set.of(), Set.of());

        boolean has(Offer offer) {
            return !texts.isEmpty() && (texts.contains(key(offer.id().text())) || texts.contains(key(offer.name())));
        }

        boolean hasCategory(Offer offer) {
            return offer.category() != null && categories.contains(offer.category());
        }
    }

    private static String key(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }

    private Owned owned(Inputs inputs) {
        if (ranking.owned() == null) {
            return Owned.NOTHING;
        }
        var texts = new HashSet<String>();
        var held = new HashSet<String>();
        for (Object text : (List<?>) inputs.get(ranking.owned())) {
            String key = key((String) text);
            texts.add(key);
            held.addAll(categories.getOrDefault(key, Set.of()));
        }
        return new Owned(texts, held);
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
        return choice(scored(inputs, at));
    }

    private Choice choice(List<Scored> scored) {
        if (scored.isEmpty()) {
            return Objects.requireNonNull(otherwise);
        }
        List<Ranked> best = scored.stream().limit(ranking.limit())
                .map(one -> new Ranked(one.contender.offer, one.score, one.portfolioGap)).toList();
        return new Choice(Strategy.RANKED, best.get(0).offer(), best);
    }

    /** All that get so far, the best first. */
    private List<Scored> scored(Inputs inputs, Instant at) {
        strategy.requireOwn(inputs);
        strategy.requireNoObstacle(obstacles);
        Owned owned = owned(inputs);
        var scored = new ArrayList<Scored>();
        for (CompiledCandidate contender : contenders) {
            Scope scope = contender.scope(inputs, owned);
            if (contender.offer.isValid(at) && isEligible(contender, scope) && !owned.has(contender.offer)) {
                double score = score(contender, scope);
                if (ranking.above() == null || score > ranking.above()) {
                    scored.add(new Scored(contender, score, isGap(contender, owned)));
                }
            }
        }
        scored.sort(BEST);
        return scored;
    }

    private boolean isGap(CompiledCandidate contender, Owned owned) {
        return ranking.owned() != null && contender.offer.category() != null && !owned.hasCategory(contender.offer);
    }

    private boolean isEligible(CompiledCandidate contender, Scope scope) {
        return holds(ranking.eligible(), "eligible", contender, scope)
                && holds(contender.entry.when(), "when", contender, scope);
    }

    private static boolean holds(@Nullable WhenClause condition, String what, CompiledCandidate contender,
            Scope scope) {
        try {
            return condition == null || condition.expression().test(scope);
        } catch (UncomputableException e) {
            throw uncomputable(what, contender, e.getMessage());
        }
    }

    private double score(CompiledCandidate contender, Scope scope) {
        double sum = 0;
        for (Term term : ranking.terms()) {
            sum += number(term.weight(), term.name(), contender, scope)
                    * number(term.value(), term.name(), contender, scope);
        }
        double score = sum * number(contender.entry.value(), "value", contender, scope)
                * number(contender.entry.weight(), "weight", contender, scope);
        if (!Double.isFinite(score)) {
            throw uncomputable("score", contender, "a number gets out of range");
        }
        return score;
    }

    private static double number(@Nullable Expression expression, String what, CompiledCandidate contender,
            Scope scope) {
        try {
            return expression == null ? 1 : expression.number(scope);
        } catch (UncomputableException e) {
            throw uncomputable(what, contender, e.getMessage());
        }
    }

    private static UndecidableException uncomputable(String what, CompiledCandidate contender, String why) {
        return new UndecidableException(
                what + " can't be computed for offer " + contender.offer.id() + ": " + why);
    }

    @Override
    public Explanation explain(Inputs inputs, Instant at) {
        List<Scored> scored = scored(inputs, at);
        Choice chosen = choice(scored);
        Owned owned = owned(inputs);
        var candidates = new ArrayList<Candidate>();
        var changes = new CounterfactualSearch(this, inputs, at, chosen);
        List<Comparison> comparisons = comparisons();
        var ofEntry = new IdentityHashMap<RankStrategy.CandidateRule, List<Comparison>>();
        for (CompiledCandidate contender : contenders) {
            Scope scope = contender.scope(inputs, owned);
            candidates.add(explain(contender, scope, owned, scored, at));
            changes.add(comparisons, scope);
            changes.add(ofEntry.computeIfAbsent(contender.entry, RankChooser::comparisons), scope);
        }
        candidates.add(ConditionExplainer.otherwise(Objects.requireNonNull(otherwise), chosen));
        return new Explanation(chosen, List.copyOf(candidates), strategy.segments(inputs), changes.found());
    }

    private List<Comparison> comparisons() {
        var all = new ArrayList<Comparison>();
        if (ranking.eligible() != null) {
            all.addAll(ranking.eligible().expression().comparisons());
        }
        ranking.terms().forEach(term -> {
            all.addAll(term.weight().comparisons());
            all.addAll(term.value().comparisons());
        });
        return all;
    }

    private static List<Comparison> comparisons(RankStrategy.CandidateRule entry) {
        return Stream.of(entry.when() == null ? null : entry.when().expression(), entry.value(), entry.weight())
                .filter(Objects::nonNull).flatMap(expression -> expression.comparisons().stream()).toList();
    }

    private Candidate explain(CompiledCandidate contender, Scope scope, Owned owned, List<Scored> scored, Instant at) {
        var compared = new ArrayList<Compared>();
        for (WhenClause condition : new WhenClause[]{ranking.eligible(), contender.entry.when()}) {
            if (condition != null) {
                compared.addAll(ConditionExplainer.explain(condition.expression(), scope));
            }
        }
        int place = 0;
        while (place < scored.size() && scored.get(place).contender != contender) {
            place++;
        }
        Integer rank = place < scored.size() ? place + 1 : null;
        Stage stage = rank != null
                ? rank == 1 ? Stage.CHOSEN : Stage.OUTRANKED
                : !contender.offer.isValid(at)
                        ? Stage.VALIDITY
                        : !isEligible(contender, scope)
                                ? Stage.ELIGIBILITY
                                : owned.has(contender.offer) ? Stage.OWNED : Stage.BELOW_MINIMUM;
        boolean isScored = rank != null || stage == Stage.BELOW_MINIMUM;
        return new Candidate(Strategy.RANKED, strategy.when(contender.entry), contender.offer, stage, compared,
                isScored ? explainScore(contender, scope) : null, rank);
    }

    private Score explainScore(CompiledCandidate contender, Scope scope) {
        List<Explanation.Term> terms = ranking.terms().stream().map(term -> {
            double weight = number(term.weight(), term.name(), contender, scope);
            double value = number(term.value(), term.name(), contender, scope);
            return new Explanation.Term(term.name(), weight, value, weight * value);
        }).toList();
        return new Score(terms, number(contender.entry.value(), "value", contender, scope),
                number(contender.entry.weight(), "weight", contender, scope), score(contender, scope));
    }
}
