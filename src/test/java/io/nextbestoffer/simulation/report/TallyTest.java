package io.nextbestoffer.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.simulation.report.GroupingAttribute.Origin;
import io.nextbestoffer.simulation.report.GroupingAttribute.Value;
import io.nextbestoffer.simulation.report.SimulationReport.Changed;
import io.nextbestoffer.simulation.report.SimulationReport.Defaulted;
import io.nextbestoffer.simulation.report.SimulationReport.Move;
import io.nextbestoffer.simulation.report.SimulationReport.OfferShare;
import io.nextbestoffer.simulation.report.SimulationReport.Reason;
import io.nextbestoffer.simulation.report.SimulationReport.Segment;
import io.nextbestoffer.simulation.report.SimulationReport.Selected;
import io.nextbestoffer.simulation.report.SimulationReport.Selections;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Attribute;

/** Offer 9 is {@code otherwise}. */
class TallyTest {

    private static final Id LOAN = Id.of(1);
    private static final Id SAVINGS = Id.of(2);
    private static final Id NOTHING = Id.of(9);
    private static final Id GONE = Id.of("gone");

    private static Catalog catalog(@Nullable Object valueOfLoan) {
        return new Catalog(1, List.of(offer(LOAN, "loan", valueOfLoan), offer(SAVINGS, "savings", null),
                offer(NOTHING, "nothing", null)).stream()
                .collect(Collectors.toMap(Offer::id, Function.identity())));
    }

    private static Offer offer(Id id, String name, @Nullable Object value) {
        return new Offer(id, name, "", null, value == null ? Attributes.NONE : Attributes.of(Map.of("value", value)),
                null, null);
    }

    private static DecidedOffer given(Id offer) {
        return given(offer, null);
    }

    private static DecidedOffer given(Id offer, @Nullable Double score) {
        return new DecidedOffer(offer, "as recorded", score, !offer.equals(NOTHING));
    }

    private static Tally tally(GroupingAttribute... measures) {
        return new Tally(catalog(null), List.of(), List.of(measures), 30);
    }

    private static void add(Tally tally, int times, Id before, Id after, Object... values) {
        of(null, tally, times, before, after, values);
    }

    private static void of(@Nullable String customer, Tally tally, int times, Id before, Id after, Object... values) {
        List<Value> all = Arrays.stream(values)
                .map(value -> value instanceof Value one ? one : new Value(value, Origin.RECORDED)).toList();
        for (int i = 0; i < times; i++) {
            tally.add(customer, given(before), given(after), List.of(), all);
        }
    }

    @Test
    void countsOffersBeforeAndAfter() {
        var tally = tally();
        add(tally, 3, LOAN, LOAN);
        add(tally, 4, NOTHING, LOAN);
        add(tally, 1, GONE, SAVINGS);

        SimulationReport report = tally.report();

        assertThat(report.decisions()).isEqualTo(8);
        assertThat(report.changed()).isEqualTo(new Changed(5, 0.625));
        assertThat(report.mix()).containsExactly(new OfferShare(LOAN, "loan", 3, 7, 0.375, 0.875),
                new OfferShare(SAVINGS, "savings", 0, 1, 0, 0.125), new OfferShare(NOTHING, "nothing", 4, 0, 0.5, 0),
                new OfferShare(GONE, "as recorded", 1, 0, 0.125, 0));
        assertThat(report.moves()).containsExactly(new Move(NOTHING, "nothing", LOAN, "loan", 4),
                new Move(GONE, "as recorded", SAVINGS, "savings", 1));
        assertThat(report.fairness()).isNull();
    }

    @Test
    void reportsNoSharesWithoutComparedDecisions() {
        var tally = tally();
        tally.undecidable("customer.fico is missing");
        tally.undecidable("customer.fico is missing");
        tally.undecidable("activity.p must be a double, not a string");
        tally.defaulted("customer.tier");

        SimulationReport report = tally.report();

        assertThat(report.decisions()).isEqualTo(3);
        assertThat(report.undecidable()).isEqualTo(3);
        assertThat(report.reasons()).containsExactly(new Reason("customer.fico is missing", 2),
                new Reason("activity.p must be a double, not a string", 1));
        assertThat(report.defaulted()).containsExactly(new Defaulted("customer.tier", 1));
        assertThat(report.changed()).isEqualTo(new Changed(0, 0));
        assertThat(report.mix()).isEmpty();
        assertThat(report.score()).isNull();
        assertThat(report.value()).isNull();
    }

    @Test
    void reportsOnlyTheMostFrequentReasonsAndMoves() {
        var tally = tally();
        for (int i = 0; i < 5_000; i++) {
            tally.undecidable("reason " + i);
            add(tally, i % 60 == 7 ? 2 : 1, Id.of(i % 60), Id.of(1_000));
        }

        SimulationReport report = tally.report();

        assertThat(report.reasons()).hasSize(50).first().isEqualTo(new Reason("others", 4_000));
        assertThat(report.moves()).hasSize(50).first()
                .isEqualTo(new Move(Id.of(7), "as recorded", Id.of(1_000), "as recorded", 168));
    }

    @Test
    void sumsTheValuesOfOffers() {
        var tally = new Tally(catalog(12.5), List.of(), List.of(), 30);
        add(tally, 3, LOAN, LOAN);
        add(tally, 5, SAVINGS, LOAN);
        add(tally, 1, GONE, NOTHING);

        assertThat(tally.report().value()).isEqualTo(new SimulationReport.Value(37.5, 100, 6, 1));
        assertThat(new Tally(catalog("much"), List.of(), List.of(), 30).report().value()).isNull();
    }

    @Test
    void averagesWinningScores() {
        var tally = tally();
        tally.add(null, given(LOAN, 50.0), given(LOAN, 80.0), List.of(), List.of());
        tally.add(null, given(LOAN, 70.0), given(NOTHING, null), List.of(), List.of());

        assertThat(tally.report().score()).isEqualTo(new SimulationReport.Score(60.0, 80.0));
    }

    @Test
    void averagesLargeScoresWithoutOverflow() {
        var tally = tally();
        for (int i = 0; i < 10; i++) {
            tally.add(null, given(LOAN), given(LOAN, Double.MAX_VALUE), List.of(), List.of());
        }

        assertThat(tally.report().score().before()).isNull();
        assertThat(tally.report().score().after()).isFinite().isGreaterThan(1e307);
    }

    @Test
    void countsCustomersInSeveralSegmentsAndInNone() {
        var tally = new Tally(catalog(null), List.of("young", "rich", "empty"), List.of(), 30);
        tally.add(null, given(LOAN), given(LOAN), List.of("young", "rich"), List.of());
        tally.add(null, given(LOAN), given(SAVINGS), List.of("young"), List.of());
        tally.add(null, given(NOTHING), given(NOTHING), List.of(), List.of());

        assertThat(tally.report().segments()).containsExactly(
                new Segment("young", 2, List.of(new OfferShare(LOAN, "loan", 2, 1, 1, 0.5),
                        new OfferShare(SAVINGS, "savings", 0, 1, 0, 0.5))),
                new Segment("rich", 1, List.of(new OfferShare(LOAN, "loan", 1, 1, 1, 1))),
                new Segment("empty", 0, List.of()),
                new Segment("none", 1, List.of(new OfferShare(NOTHING, "nothing", 1, 1, 1, 1))));
    }

    @Test
    void listsTheLargestGroupFirst() {
        var tally = tally(new GroupingAttribute("customer", "region", null, false));
        add(tally, 6, LOAN, SAVINGS, "north");
        add(tally, 10, LOAN, LOAN, "south");

        var grouped = tally.report().groups().get(0);

        assertThat(grouped.attribute()).isEqualTo("customer.region");
        assertThat(grouped.source()).isEqualTo("recorded");
        assertThat(grouped.note()).isNull();
        assertThat(grouped.groups()).containsExactly(
                new SimulationReport.Group("south", 10, List.of(new OfferShare(LOAN, "loan", 10, 10, 1, 1))),
                new SimulationReport.Group("north", 6, List.of(new OfferShare(LOAN, "loan", 6, 0, 1, 0),
                        new OfferShare(SAVINGS, "savings", 0, 6, 0, 1))));
    }

    @Test
    void doesNotListValuesOfFewCustomers() {
        var tally = tally(new GroupingAttribute("customer", "email", null, false));
        add(tally, 5, LOAN, LOAN, "info@example.com");
        add(tally, 4, LOAN, LOAN, "one@example.com");
        add(tally, 2, LOAN, LOAN, List.of("a", "b"));
        add(tally, 7, LOAN, LOAN, "x".repeat(101));
        add(tally, 1, LOAN, LOAN, new Value(null, Origin.UNKNOWN));

        assertThat(tally.report().groups().get(0).groups())
                .extracting(SimulationReport.Group::group, SimulationReport.Group::size)
                .containsExactly(tuple("info@example.com", 5L),
                        tuple("others", 13L),
                        tuple("unknown", 1L));
    }

    @Test
    void countsCustomersNotDecisionsForTheMinimum() {
        var tally = tally(new GroupingAttribute("customer", "email", null, false),
                protectedAttribute("{type: string, protected: true}"));
        for (int i = 0; i < 60; i++) {
            of("few " + i % 4, tally, 1, LOAN, LOAN, "few", "few");
            of("some " + i % 5, tally, 1, LOAN, LOAN, "some", "some");
            of("many " + i % 30, tally, 1, NOTHING, LOAN, "many", "many");
        }

        assertThat(tally.report().groups().get(0).groups())
                .extracting(SimulationReport.Group::group, SimulationReport.Group::size)
                .containsExactly(tuple("many", 60L), tuple("some", 60L), tuple("others", 60L));
        assertThat(compared(tally).get("some").small()).isTrue();
        assertThat(compared(tally).get("some").warning()).contains("fewer than 30 customers");
        assertThat(compared(tally).get("many").small()).isFalse();
        assertThat(compared(tally).get("others").small()).isTrue();
        assertThat(tally.report().unit()).isEqualTo("decisions");
    }

    /** A customer can be in several of these groups. */
    @Test
    void countsCustomersInOthersOnce() {
        var tally = new Tally(catalog(null), List.of(),
                List.of(protectedAttribute("{type: string, protected: true}")), 6);
        of("a", tally, 10, LOAN, LOAN, "one");
        of("b", tally, 10, LOAN, LOAN, "one");
        of("a", tally, 10, LOAN, LOAN, "two");
        of("c", tally, 10, LOAN, LOAN, "two");
        add(tally, 2, LOAN, LOAN, "three");

        assertThat(compared(tally).get("others").size()).isEqualTo(42);
        assertThat(compared(tally).get("others").small()).isTrue();
        of("d", tally, 1, LOAN, LOAN, "three");
        assertThat(compared(tally).get("others").small()).isFalse();
    }

    @Test
    void rejectsAttributesThatIdentifyPeople() {
        var tally = tally(new GroupingAttribute("customer", "email", null, false));
        for (int i = 0; i <= 100; i++) {
            add(tally, 10, LOAN, LOAN, "customer " + i);
        }

        assertThat(tally.report().groups().get(0).groups()).isEmpty();
        assertThat(tally.report().groups().get(0).note()).contains("more than 100 different values");
    }

    @Test
    void reportsTheSourceOfValues() {
        var measure = new GroupingAttribute("customer", "region", null, false);
        var profiles = tally(measure);
        add(profiles, 5, LOAN, LOAN, new Value("north", Origin.PROFILE));
        var both = tally(measure);
        add(both, 5, LOAN, LOAN, new Value("north", Origin.PROFILE));
        add(both, 5, LOAN, LOAN, "north");

        assertThat(profiles.report().groups().get(0).source()).isEqualTo("present profile");
        assertThat(both.report().groups().get(0).source()).isEqualTo("recorded, else present profile");
    }

    private static GroupingAttribute protectedAttribute(String declaration) {
        Attribute attribute = Strategy.parse("""
                strategy: sample
                attributes:
                  customer: {it: %s}
                rules: [{rule: only, when: "true", offer: 1}]
                otherwise: 9
                """.formatted(declaration), 0).inputs().get(0);
        return new GroupingAttribute("customer", "it", attribute, true);
    }

    private static Map<String, Selections> compared(Tally tally) {
        return tally.report().fairness().attributes().get(0).groups().stream()
                .collect(Collectors.toMap(Selections::group, Function.identity()));
    }

    @Test
    void comparesSelectionRatesWithTheHighest() {
        var tally = tally(protectedAttribute("{type: string, protected: true}"));
        // Before: 30 of 50 (0.6) and 24 of 50 (0.48): exactly four fifths. After: 40 of 50 and 31 of 50 (0.62)
        add(tally, 30, LOAN, LOAN, "f");
        add(tally, 10, NOTHING, SAVINGS, "f");
        add(tally, 10, NOTHING, NOTHING, "f");
        add(tally, 24, LOAN, LOAN, "m");
        add(tally, 7, NOTHING, LOAN, "m");
        add(tally, 19, NOTHING, NOTHING, "m");

        var groups = compared(tally);

        assertThat(groups.get("f").before()).isEqualTo(new Selected(30, 0.6, 1.0, false));
        assertThat(groups.get("m").before().ratio()).isEqualTo(0.8, within(1e-9));
        assertThat(groups.get("m").before().belowFourFifths()).as("exactly four fifths").isFalse();
        assertThat(groups.get("f").after()).isEqualTo(new Selected(40, 0.8, 1.0, false));
        assertThat(groups.get("m").after()).isEqualTo(new Selected(31, 0.62, 0.62 / 0.8, true));
        assertThat(groups.get("m").mix()).containsExactly(new OfferShare(LOAN, "loan", 24, 31, 0.48, 0.62),
                new OfferShare(NOTHING, "nothing", 26, 19, 0.52, 0.38));
        assertThat(groups.values()).allMatch(group -> !group.small() && group.warning() == null);
        assertThat(tally.report().fairness().note()).contains("diagnostic").contains("no legal judgement");
    }

    @Test
    void neverUsesASmallGroupAsTheHighest() {
        var tally = tally(protectedAttribute("{type: string, protected: true}"));
        add(tally, 29, LOAN, LOAN, "few");
        add(tally, 20, LOAN, LOAN, "many");
        add(tally, 20, NOTHING, NOTHING, "many");
        add(tally, 40, LOAN, LOAN, new Value(null, Origin.UNKNOWN));
        add(tally, 4, LOAN, LOAN, "rare");

        var groups = compared(tally);

        assertThat(groups.keySet()).containsExactlyInAnyOrder("few", "many", "others", "unknown");
        assertThat(groups.get("many").after()).isEqualTo(new Selected(20, 0.5, 1.0, false));
        assertThat(groups.get("few").after()).isEqualTo(new Selected(29, 1.0, 2.0, false));
        assertThat(groups.get("few").small()).isTrue();
        assertThat(groups.get("few").warning()).contains("fewer than 30");
        assertThat(groups.get("unknown").after()).isEqualTo(new Selected(40, 1.0, null, null));
        assertThat(groups.get("unknown").warning()).contains("not a group");
        assertThat(groups.get("others").small()).isTrue();
    }

    @Test
    void reportsNoRatioWithoutSelections() {
        var tally = tally(protectedAttribute("{type: string, protected: true}"));
        add(tally, 30, NOTHING, LOAN, "f");
        add(tally, 30, NOTHING, NOTHING, "m");

        assertThat(compared(tally).get("f").before()).isEqualTo(new Selected(0, 0.0, null, null));
        assertThat(compared(tally).get("m").after()).isEqualTo(new Selected(0, 0.0, 0.0, true));
    }

    @Test
    void comparesNumbersByBands() {
        var tally = tally(protectedAttribute("{type: int, protected: true, because: law, bands: [30, 60.5]}"));
        add(tally, 5, LOAN, LOAN, 29L);
        add(tally, 4, LOAN, LOAN, 30L);
        add(tally, 2, LOAN, LOAN, 60.4);
        add(tally, 4, LOAN, LOAN, 61L);

        var attribute = tally.report().fairness().attributes().get(0);

        assertThat(attribute.because()).isEqualTo("law");
        assertThat(attribute.groups()).extracting(group -> group.group() + ": " + group.size())
                .containsExactly("under 30: 5", "30 to under 60.5: 6", "others: 4");
    }

    @Test
    void groupsButDoesNotCompareNumbersWithoutBands() {
        var measure = protectedAttribute("{type: int, protected: true}");
        var tally = tally(measure, new GroupingAttribute("customer", "it", measure.declared(), false));
        add(tally, 30, LOAN, LOAN, 2L, 2L);

        var report = tally.report();

        assertThat(report.fairness().attributes().get(0).note()).contains("declare bands");
        assertThat(report.fairness().attributes().get(0).groups()).isEmpty();
        assertThat(report.groups().get(0).groups()).extracting(SimulationReport.Group::group).containsExactly("2");
    }
}
