package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.NOW;
import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;

class RankStrategyTest {

    /** The score is propensity × value × weight, as is usual in decision hubs. */
    private static final String DOCUMENT = """
            strategy: arbitration
            attributes:
              activity:
                propensity: double
              customer:
                income: int
                has: {type: strings, default: []}
              offer:
                margin: double
            constants:
              least: 1000
            rank:
              candidates:
                - {offer: card, priority: 2}
                - {offer: loan, when: customer.income >= 2 * least, weight: 0.5}
                - {category: savings, priority: 1, value: "offer.portfolio_gap ? 50.0 : 10.0"}
              eligible: customer.income >= least
              owned: customer.has
              score:
                - {term: propensity, weight: 1, value: activity.propensity}
              value: offer.margin
              above: 5
              limit: 2
            otherwise: nothing
            output: [customer.income]
            """;

    private static Offer offer(String id, @Nullable String category, double margin, @Nullable Instant until) {
        return new Offer(Id.of(id), "The " + id, "", category, Attributes.of(Map.of("margin", margin)), null, until);
    }

    private static final Catalog CATALOG = SampleStrategies.catalog(offer("card", "cards", 100, null),
            offer("loan", "loans", 400, null), offer("book", "savings", 1, null), offer("box", "savings", 1, null),
            offer("old", "savings", 1, NOW), offer("other", "others", 1, null), offer("nothing", null, 0, null));

    private final Strategy strategy = Strategy.parse(DOCUMENT, 3);
    private final Chooser chooser = strategy.on(CATALOG);

    private Inputs inputs(double propensity, long income, String... has) {
        return strategy.inputs(new DecisionContext(activity(Map.of("propensity", propensity)),
                customer(Map.of("income", income, "has", List.of(has)))));
    }

    private static String ranking(Choice choice) {
        return choice.rule() + choice.ranking().stream()
                .map(ranked -> " " + ranked.id() + "=" + ranked.score() + (ranked.portfolioGap() ? "+" : "")).toList();
    }

    /** loan: p × 400 × 0.5, card: p × 100, savings: p × 50 or × 10 if the customer owns savings. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0.5  | 2000 | ''              | ranked[ loan=100.0+,  card=50.0+]
            0.5  | 1999 | ''              | ranked[ card=50.0+,  book=25.0+]
            0.5  | 2000 | card            | ranked[ loan=100.0+,  book=25.0+]
            0.5  | 2000 | THE CARD        | ranked[ loan=100.0+,  book=25.0+]
            1.0  | 1500 | The card,loan   | ranked[ book=50.0+,  box=50.0+]
            1.0  | 1500 | card,loan,book  | ranked[ box=10.0]
            0.5  | 1500 | card,loan,book  | otherwise[]
            0.05 | 1500 | ''              | otherwise[]
            0.06 | 1500 | ''              | ranked[ card=6.0+]
            1.0  | 999  | ''              | otherwise[]
            """)
    void ranksEligibleOffers(double propensity, long income, String has, String ranking) {
        Choice choice = chooser.choose(inputs(propensity, income, has.isEmpty() ? new String[0] : has.split(",")),
                NOW);

        assertThat(ranking(choice)).isEqualTo(ranking);
    }

    @Test
    void ordersEqualScoresByPriorityThenByDocument() {
        String equal = DOCUMENT.replace("value: offer.margin", "value: 10.0").replace("weight: 0.5", "weight: 1")
                .replace("value: \"offer.portfolio_gap ? 50.0 : 10.0\"", "value: 10.0").replace("limit: 2", "limit: 9");
        Strategy strategy = Strategy.parse(equal, 1);

        Choice choice = strategy.on(CATALOG)
                .choose(strategy.inputs(new DecisionContext(activity(Map.of("propensity", 1.0)),
                        customer(Map.of("income", 5000L)))), NOW);

        assertThat(choice.ranking()).extracting(ranked -> ranked.id().text()).containsExactly("book", "box", "card",
                "loan");
    }

    @Test
    void reportsTheStageOfEachCandidate() {
        Explanation explanation = chooser.explain(inputs(0.5, 1500, "box"), NOW);

        assertThat(explanation.candidates()).extracting(candidate -> candidate.offer().id().text(), Candidate::stage)
                .map(tuple -> tuple.toList().toString())
                .containsExactly("[card, CHOSEN]", "[loan, ELIGIBILITY]", "[book, BELOW_MINIMUM]", "[box, OWNED]",
                        "[old, VALIDITY]", "[nothing, OUTRANKED]");
        Candidate book = explanation.candidates().get(2);
        assertThat(Objects.requireNonNull(book.score()).score()).isEqualTo(5);
        assertThat(book.score().value()).isEqualTo(10);
        assertThat(book.rank()).isNull();
        Candidate loan = explanation.candidates().get(1);
        assertThat(loan.when()).isEqualTo("(customer.income >= least) && (customer.income >= 2 * least)");
        assertThat(loan.comparisons()).extracting(Explanation.ComparisonResult::holds).containsExactly(true, false);
        assertThat(loan.comparisons().get(1).values()).containsEntry("customer.income", 1500L)
                .containsEntry("least", 1000L);
        assertThat(explanation.changes()).extracting(change -> change.attribute() + " " + change.to() + " "
                + change.offer().id()).containsExactly("customer.income at least 2000 loan");
    }

    @Test
    void reportsProblemsOfACatalog() {
        Catalog broken = SampleStrategies.catalog(
                new Offer(Id.of("card"), "card", "", null, Attributes.NONE, null, null),
                new Offer(Id.of("loan"), "loan", "", null, Attributes.of(Map.of("margin", "much")), null, null),
                offer("nothing", null, 0, NOW));

        assertThat(strategy.on(broken).obstacles()).containsExactly("offer card: offer.margin is missing",
                "offer loan: offer.margin must be a double, not a string");
        assertThat(strategy.check(broken)).extracting(Finding::toString).containsExactly(
                "line 24, column 12: offer nothing is chosen if nothing else is, so it must always be valid: remove its"
                        + " valid_from and valid_until",
                "line 16, column 7: the catalog has no offer of category savings",
                "line 14, column 7: offer card: offer.margin is missing",
                "line 15, column 7: offer loan: offer.margin must be a double, not a string");
        assertThat(strategy.check(CATALOG)).extracting(Finding::toString)
                .containsExactly("offers of the catalog that are never chosen: [other]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 / (customer.income - 5000)",
            "\"min(1.0, activity.propensity / (0.0 * activity.propensity))\"", "0.0 / (activity.propensity - 1.0)",
            "activity.propensity * 1e308 * 1e308", "activity.propensity * 1e308"})
    void doesNotOfferACandidateWhoseScoreCantBeComputed(String value) {
        Strategy strategy = Strategy.parse(DOCUMENT.replace("value: activity.propensity", "value: " + value), 1);
        Inputs inputs = strategy
                .inputs(new DecisionContext(activity(Map.of("propensity", 1.0)), customer(Map.of("income", 5000L))));

        Explanation explanation = strategy.on(CATALOG).explain(inputs, NOW);

        assertThat(explanation.choice().ranking()).extracting(ranked -> ranked.offer().id().text())
                .doesNotContain("card");
        assertThat(explanation.candidates()).filteredOn(candidate -> candidate.offer().id().text().equals("card"))
                .extracting(Candidate::stage).containsOnly(Stage.NOT_COMPUTABLE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    above: 5                  | above: high               | line 22, column 10: above must be a \
                    number, the score that an offer must exceed
                    limit: 2                  | limit: 0                  | line 23, column 10: limit must be a whole \
                    number from 1 to 100
                    owned: customer.has       | owned: customer.income    | line 18, column 10: owned must name an \
                    attribute of type strings that lists what the customer owns
                    owned: customer.has       | owned: customer.hs        | line 18, column 10: unknown attribute \
                    customer.hs: did you mean customer.has?
                    {offer: card, priority: 2} | {priority: 2}            | line 14, column 7: a candidate must have \
                    either an offer or a category
                    {offer: card, priority: 2} | {offer: loan}            | line 15, column 7: another candidate \
                    names loan
                    value: offer.margin       | value: offer.margn        | line 21, column 10: unknown attribute \
                    offer.margn: did you mean offer.margin?
                    value: offer.margin       | value: customer.has       | line 21, column 10: value must be a \
                    number, not list
                    eligible: customer.income >= least | eligible: least  | line 17, column 13: eligible must be true \
                    or false, not int: compare it with something
                    least: 1000               | lest: 1000                | line 15, column 50: unknown name least: \
                    did you mean lest?
                    least: 1000               | activity: 1000            | line 11, column 3: a name must have 1 to \
                    64 characters a-z, 0-9 and _, and must not be true, false, null, in, activity, customer or offer
                    output: [customer.income] | output: [offer.margin]    | line 25, column 10: offer.margin is an \
                    attribute of offers: only inputs can be emitted
                    """)
    void reportsTheProblemAtItsPosition(String right, String wrong, String message) {
        var exception = catchThrowableOfType(InvalidStrategyException.class,
                () -> Strategy.parse(DOCUMENT.replace(right, wrong), 1));

        assertThat(exception).isNotNull();
        assertThat(exception.getMessage().lines()).contains(message);
    }

    @Test
    void explainsAConstantThatCantBeComputed() {
        Strategy strategy = Strategy.parse(DOCUMENT.replace("eligible: customer.income >= least",
                "eligible: customer.income >= least || customer.income > least / 0"), 1);
        Inputs inputs = strategy
                .inputs(new DecisionContext(activity(Map.of("propensity", 1.0)), customer(Map.of("income", 5000L))));

        assertThat(strategy.on(CATALOG).explain(inputs, NOW).candidates().get(0).comparisons())
                .extracting(Explanation.ComparisonResult::holds).containsExactly(true, null);
    }

    @Test
    void acceptsOwnedNamesThatAreNotUnique() {
        Offer one = offer("a", "cards", 100, null);
        Offer other = new Offer(Id.of("b"), one.name(), "", "loans", one.attributes(), null, null);
        Chooser chooser = strategy.on(SampleStrategies.catalog(one, other, offer("card", "cards", 1, null),
                offer("loan", "loans", 1, null), offer("nothing", null, 0, null)));

        assertThat(chooser.choose(inputs(100, 5000, "The A"), NOW).ranking()).hasSize(2)
                .noneMatch(Choice.Ranked::portfolioGap);
    }

    @Test
    void reportsCandidatesWithoutEffect() {
        Strategy strategy = Strategy.parse(DOCUMENT.replace("{offer: card, priority: 2}", "{category: cards}")
                .replace("{category: savings, priority", "{offer: card, priority"), 1);

        assertThat(strategy.check(CATALOG)).extracting(Finding::message)
                .contains("this candidate has no effect: its offers belong to candidates before it, or to otherwise");
    }

    @Test
    void requiresAReasonForEveryUseOfProtectedAttributes() {
        for (String door : List.of("has: {type: strings, default: [], protected: true}",
                "has: {type: strings, default: []}\n    age: {type: int, min: 40, protected: true}")) {
            String document = DOCUMENT.replace("has: {type: strings, default: []}", door);

            assertThatThrownBy(() -> Strategy.parse(document, 1)).isInstanceOf(InvalidStrategyException.class)
                    .hasMessageContaining("is protected: declare why the strategy may decide by it");
            Strategy.parse(document.replace("protected: true", "protected: true, because: \"law\""), 1);
        }
    }

    @Test
    void rejectsChainsOfNamesThatAreTooDeep() {
        var chain = new StringBuilder("expressions:\n  x0: customer.income % 2 == 0\n");
        for (int i = 1; i < 200; i++) {
            chain.append("  x%d: \"!x%d\"\n".formatted(i, i - 1));
        }
        String document = DOCUMENT.replace("rank:\n", chain + "rank:\n").replace("customer.income >= least", "x199");

        assertThatThrownBy(() -> Strategy.parse(document, 1)).isInstanceOf(InvalidStrategyException.class)
                .hasMessageContaining("nested deeper than 64 levels");
    }

    @Test
    void rejectsExpressionsThatExpandTooMuch() {
        var doubling = new StringBuilder("expressions:\n  x0: activity.propensity + activity.propensity\n");
        for (int i = 1; i < 40; i++) {
            doubling.append("  x%d: x%d + x%d\n".formatted(i, i - 1, i - 1));
        }
        String document = DOCUMENT.replace("rank:\n", doubling + "rank:\n").replace("value: activity.propensity",
                "value: x39");

        var exception = catchThrowableOfType(InvalidStrategyException.class, () -> Strategy.parse(document, 1));

        assertThat(exception.getMessage()).contains("parts, at most 5000 are allowed");
    }

    @Test
    void namesStagesInLowerCase() {
        assertThat(Stage.BELOW_MINIMUM.text()).isEqualTo("below-minimum");
    }
}
