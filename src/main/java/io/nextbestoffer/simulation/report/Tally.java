package io.nextbestoffer.simulation.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.simulation.report.GroupingAttribute.Value;
import io.nextbestoffer.simulation.report.SimulationReport.Changed;
import io.nextbestoffer.simulation.report.SimulationReport.Defaulted;
import io.nextbestoffer.simulation.report.SimulationReport.Fairness;
import io.nextbestoffer.simulation.report.SimulationReport.Move;
import io.nextbestoffer.simulation.report.SimulationReport.OfferShare;
import io.nextbestoffer.simulation.report.SimulationReport.Reason;
import io.nextbestoffer.simulation.report.SimulationReport.Score;
import io.nextbestoffer.simulation.report.SimulationReport.Segment;

/** Counts decisions for a report. Not thread-safe. */
public final class Tally {

    /** Stands for the segments of customers whose segments are unknown. */
    public static final String UNKNOWN = "unknown";

    static final String NOTE = "A diagnostic: it compares how often groups get another offer than the strategy's"
            + " otherwise, and marks ratios below four fifths. It is no legal judgement: a low ratio does not prove"
            + " discrimination, and a high one does not rule it out. Sizes and rates count decisions;"
            + " minimum_group_size counts different customers.";

    private static final String UNIT = "decisions";
    private static final String NONE = "none";
    private static final String VALUE = "value";
    private static final int MAX_MOVES = 50;
    private static final int MAX_REASONS = 50;

    /** Messages name rules, attributes and offers, so there can be very many of them. */
    private static final int MAX_REASONS_IN_MEMORY = 1_000;

    private final Catalog catalog;
    private final int minimumGroupSize;
    private final List<GroupingAttribute> attributes;
    private final List<Grouping> groupings;
    private final Map<String, GroupStats> segments = new LinkedHashMap<>();
    private final Map<String, Long> reasons = new HashMap<>();
    private final Map<String, Long> defaulted = new HashMap<>();
    private final Map<Id, String> names = new HashMap<>();
    private final Map<Pair, Long> moves = new HashMap<>();
    private final GroupStats all = new GroupStats(0);
    private final Mean scoreBefore = new Mean();
    private final Mean scoreAfter = new Mean();
    private long undecidable;
    private long changed;

    /**
     * @param segments the draft's segments, which are in the report even if they are empty
     * @param minimumGroupSize number of different customers that a group needs to be compared with others; up to this
     *     many ids per group are held in memory
     */
    public Tally(Catalog catalog, Iterable<String> segments, List<GroupingAttribute> attributes, int minimumGroupSize) {
        this.catalog = catalog;
        this.minimumGroupSize = minimumGroupSize;
        this.attributes = List.copyOf(attributes);
        groupings = this.attributes.stream().map(attribute -> new Grouping(attribute, minimumGroupSize)).toList();
        segments.forEach(segment -> this.segments.put(segment, new GroupStats(0)));
    }

    private record Pair(Id from, Id to) {
    }

    /** A mean that doesn't overflow, however large its values are. */
    private static final class Mean {

        private long count;
        private double mean;

        void add(@Nullable Double value) {
            if (value != null) {
                count++;
                mean += value / count - mean / count;
            }
        }

        @Nullable
        Double value() {
            return count == 0 ? null : mean;
        }
    }

    /** @param reason without values */
    public void undecidable(String reason) {
        undecidable++;
        String held = reasons.size() < MAX_REASONS_IN_MEMORY || reasons.containsKey(reason) ? reason : "others";
        reasons.merge(held, 1L, Long::sum);
    }

    /** Counts an input of the draft that was not recorded. */
    public void defaulted(String attribute) {
        defaulted.merge(attribute, 1L, Long::sum);
    }

    /**
     * Counts a decision that can be compared.
     *
     * @param customer the customer's id as text; null counts as a different customer each time
     * @param in the customer's segments
     * @param values the values of the grouping attributes, in their order
     */
    public void add(@Nullable String customer, DecidedOffer before, DecidedOffer after, List<String> in,
            List<Value> values) {
        all.add(customer, before, after);
        scoreBefore.add(before.score());
        scoreAfter.add(after.score());
        names.putIfAbsent(before.offer(), before.name());
        names.putIfAbsent(after.offer(), after.name());
        if (!before.offer().equals(after.offer())) {
            changed++;
            moves.merge(new Pair(before.offer(), after.offer()), 1L, Long::sum);
        }
        (in.isEmpty() ? List.of(NONE) : in)
                .forEach(segment -> segments.computeIfAbsent(segment, any -> new GroupStats(0)).add(customer, before,
                        after));
        for (int i = 0; i < groupings.size(); i++) {
            groupings.get(i).add(customer, values.get(i), before, after);
        }
    }

    public SimulationReport report() {
        List<OfferShare> mix = all.mix(this::name);
        return new SimulationReport(UNIT, all.size() + undecidable, undecidable, most(reasons, MAX_REASONS).stream()
                .map(entry -> new Reason(entry.getKey(), entry.getValue())).toList(),
                most(defaulted, Integer.MAX_VALUE).stream()
                        .map(entry -> new Defaulted(entry.getKey(), entry.getValue())).toList(),
                new Changed(changed, all.share(changed)), mix, moves(), value(mix), score(),
                segments.entrySet().stream().map(entry -> new Segment(entry.getKey(), entry.getValue().size(),
                        entry.getValue().mix(this::name))).toList(),
                groupings(false).stream().map(grouping -> grouping.grouped(this::name)).toList(), fairness());
    }

    /** Returns the name in the catalog or, if the offer is not in it, the recorded name. */
    private String name(Id offer) {
        Offer known = catalog.get(offer);
        return known == null ? names.getOrDefault(offer, offer.text()) : known.name();
    }

    private static <K> List<Map.Entry<K, Long>> most(Map<K, Long> counts, int limit) {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<K, Long> entry) -> -entry.getValue())
                        .thenComparing(entry -> entry.getKey().toString()))
                .limit(limit).toList();
    }

    private List<Move> moves() {
        return most(moves, MAX_MOVES).stream().map(entry -> new Move(entry.getKey().from(),
                name(entry.getKey().from()), entry.getKey().to(), name(entry.getKey().to()), entry.getValue()))
                .toList();
    }

    private SimulationReport.@Nullable Value value(List<OfferShare> mix) {
        if (catalog.offers().values().stream().allMatch(offer -> value(offer) == null)) {
            return null;
        }
        return new SimulationReport.Value(sum(mix, OfferShare::before), sum(mix, OfferShare::after),
                without(mix, OfferShare::before), without(mix, OfferShare::after));
    }

    private static @Nullable Double value(@Nullable Offer offer) {
        return offer != null && offer.attributes().get(VALUE) instanceof Number number ? number.doubleValue() : null;
    }

    private double sum(List<OfferShare> mix, ToLongFunction<OfferShare> count) {
        return mix.stream().mapToDouble(
                one -> count.applyAsLong(one) * Objects.requireNonNullElse(value(catalog.get(one.offerId())), 0.0))
                .sum();
    }

    private long without(List<OfferShare> mix, ToLongFunction<OfferShare> count) {
        return mix.stream().filter(one -> value(catalog.get(one.offerId())) == null).mapToLong(count).sum();
    }

    private @Nullable Score score() {
        return scoreBefore.value() == null && scoreAfter.value() == null
                ? null
                : new Score(scoreBefore.value(), scoreAfter.value());
    }

    private List<Grouping> groupings(boolean fairness) {
        var some = new ArrayList<Grouping>();
        for (int i = 0; i < attributes.size(); i++) {
            if (attributes.get(i).fairness() == fairness) {
                some.add(groupings.get(i));
            }
        }
        return some;
    }

    private @Nullable Fairness fairness() {
        List<Grouping> compared = groupings(true);
        return compared.isEmpty()
                ? null
                : new Fairness(NOTE, minimumGroupSize,
                        compared.stream().map(one -> one.compared(this::name)).toList());
    }
}
