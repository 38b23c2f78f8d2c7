package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.NOW;
import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static io.nextbestoffer.strategy.SampleStrategies.deposit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.ComparisonResult;
import io.nextbestoffer.strategy.explain.Explanation.Counterfactual;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;

class FirstMatchStrategyTest {

    private static Inputs inputs(Strategy strategy, String kind, long income) {
        return strategy.inputs(new DecisionContext(activity(Map.of("p", 0.5, "kind", kind)),
                customer(Map.of("income", income, "active", true))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"activity.p < 1", "activity.kind in ['a', 'b']", "activity.kind.startsWith('a')",
            "customer.active && !(customer.income < 1)", "size(activity.kind) == 1", "true",
            "double(customer.income) * activity.p > 1.0", "'(customer.active ? 1 : 2) == 1'",
            "'!customer.active || customer.income % 2 == 0'", "\"activity.kind != '\\u0041'\"",
            "timestamp('2026-01-02T10:00:00Z').getHours() == 10"})
    void supportsCelExpressions(String when) {
        Strategy strategy = Strategy.parse(SampleStrategies.rule(when), 1);

        Choice choice = SampleStrategies.choose(strategy, inputs(strategy, "a", 10));

        assertThat(choice.rule()).isEqualTo("only");
        assertThat(choice.offer().id()).isEqualTo(Id.of("yes-please"));
    }

    @Test
    void readsJson() {
        Strategy strategy = Strategy.parse("""
                {
                \t"strategy": "json",
                \t"attributes": {"customer": {"income": {"type": "int", "default": 0}}},
                \t"rules": [{"rule": "rich", "when": "customer.income > 1", "offer": "A-1"}],
                \t"otherwise": "1",
                \t"output": ["customer.income"]
                }
                """, 2);

        assertThat(strategy.criteria(SampleStrategies.offer(Id.of("A-1"))))
                .containsExactly(new Strategy.Criterion("rich", "customer.income > 1"));
        assertThat(strategy.version()).isEqualTo(2);
        assertThat(strategy.otherwise().number()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 / customer.income > 0                              | it divides by zero
            1 % customer.income > 0                              | it divides by zero
            customer.income - 1 + -9223372036854775807 - 1 > 0   | a result is out of range
            int(activity.kind) > 0                               | a string can't be converted
            double(activity.kind) > 0.0                          | a string can't be converted
            double(customer.income) / double(customer.income) > 0.4    | it divides by zero
            !(double(customer.income) / double(customer.income) > 0.4) | it divides by zero
            activity.p / double(customer.income) > 3.0                 | it divides by zero
            activity.p / -double(customer.income) > 3.0                | it divides by zero
            !(activity.p * 1e308 * 1e308 < 1.0)                        | a result is out of range
            !(-1e308 - activity.p * 1e308 - 1e308 > 1.0)               | a result is out of range
            activity.p + 1e308 + 1e308 == activity.p                   | a result is out of range
            !(activity.p / 1e-320 / 1e-320 < 1.0)                      | a result is out of range
            !(double('NaN') > 0.4)                                     | a string can't be converted
            double('-Infinity') < 0.4                                  | a string can't be converted
            double('1e999') > 0.4                                      | a string can't be converted
            timestamp(activity.kind).getHours() > 0              | a string can't be converted
            duration(activity.kind).getHours() > 0               | a string can't be converted
            """)
    void doesNotFireARuleThatCantBeComputed(String when, String why) {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("\"" + when + "\""), 1);
        Inputs inputs = inputs(strategy, "secret", 0);

        assertThat(SampleStrategies.choose(strategy, inputs).rule()).isEqualTo(Strategy.OTHERWISE);
        Candidate only = SampleStrategies.explain(strategy, inputs).candidates().get(0);
        assertThat(only.stage()).isEqualTo(Stage.NOT_COMPUTABLE);
        assertThat(only.comparisons()).extracting(ComparisonResult::notComputable).contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer.income == 0 || activity.p / double(customer.income) > 3.0",
            "activity.p / double(customer.income) > 3.0 || customer.income == 0",
            "!(customer.income != 0 && activity.p / double(customer.income) > 3.0)",
            "!(activity.p / double(customer.income) > 3.0 && customer.income != 0)",
            "(customer.income == 0 ? 1.0 : activity.p / double(customer.income)) == 1.0"})
    void decidesByTheGuardOfADivision(String when) {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("\"" + when + "\""), 1);

        assertThat(SampleStrategies.choose(strategy, inputs(strategy, "a", 0)).rule()).isEqualTo("only");
        assertThat(strategy.findings()).isEmpty();
    }

    @Test
    void explainsWhyAConditionCantBeComputed() {
        Strategy strategy = Strategy.parse(
                SampleStrategies.rule("customer.income == 0 || activity.p / double(customer.income) > 3.0"), 1);

        assertThat(SampleStrategies.explain(strategy, inputs(strategy, "a", 0)).candidates().get(0).comparisons())
                .containsExactly(
                        new ComparisonResult("customer.income == 0", Map.of("customer.income", 0L), true, null),
                        new ComparisonResult("activity.p / double(customer.income) > 3.0",
                                Map.of("activity.p", 0.5, "customer.income", 0L), null, "it divides by zero"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"timestamp('2026-01-02T10:00:00Z').getHours(activity.kind) > 0",
            "int(1e300 * activity.p) > 0", "duration('10000000000000h') > duration('1s')"})
    void doesNotFireForAnyInvalidValue(String when) {
        Strategy strategy = Strategy.parse(SampleStrategies.rule(when), 1);
        Inputs inputs = inputs(strategy, "Nowhere/Else", 0);

        assertThat(SampleStrategies.choose(strategy, inputs).rule()).isEqualTo(Strategy.OTHERWISE);
        assertThat(SampleStrategies.explain(strategy, inputs).candidates().get(0).stage())
                .isEqualTo(Stage.NOT_COMPUTABLE);
    }

    @Test
    void explainsRulesAfterTheChosenOne() {
        Strategy banking = SampleStrategies.banking();

        Explanation explanation = SampleStrategies.explain(banking,
                banking.inputs(new DecisionContext(deposit(0.5), customer(200_000, 750))));

        assertThat(explanation.candidates()).extracting(Candidate::rule, candidate -> candidate.stage().text())
                .map(tuple -> tuple.toList().toString())
                .containsExactly("[savings-for-high-income, eligibility]", "[checking-for-low-income, eligibility]",
                        "[home-loan-for-good-credit, chosen]", "[auto-loan-for-high-income, outranked]",
                        "[otherwise, outranked]");
        assertThat(explanation.candidates().get(0).comparisons()).containsExactly(
                new ComparisonResult("customer.income > 100000", Map.of("customer.income", 200_000L), true, null),
                new ComparisonResult("customer.fico < 700", Map.of("customer.fico", 750L), false, null),
                new ComparisonResult("activity.propensity_to_buy < 0.9", Map.of("activity.propensity_to_buy", 0.5),
                        true,
                        null));
    }

    /** Customer 2 of the samples would be offered a home loan with a little less income or a little better credit. */
    @Test
    void reportsTheSmallestChangesThatLeadToAnotherOffer() {
        Strategy banking = SampleStrategies.banking();

        Explanation explanation = SampleStrategies.explain(banking,
                banking.inputs(new DecisionContext(deposit(0.56), customer(109_825, 624))));

        assertThat(explanation.changes())
                .extracting(Counterfactual::attribute, Counterfactual::from, Counterfactual::to, Counterfactual::rule,
                        change -> change.offer().id())
                .map(tuple -> tuple.toList().toString())
                .containsExactly("[customer.income, 109825, at most 100000, home-loan-for-good-credit, 3]",
                        "[customer.fico, 624, at least 700, home-loan-for-good-credit, 3]",
                        "[activity.propensity_to_buy, 0.56, at least 0.9, otherwise, 5]");
    }

    @Test
    void reportsASingleValueIfOnlyThatLeadsToAnotherOffer() {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("customer.income == 20 && !customer.active"), 1);
        Inputs inputs = strategy.inputs(new DecisionContext(activity(Map.of("p", 0.5, "kind", "a")),
                customer(Map.of("income", 10L, "active", false))));

        Explanation explanation = SampleStrategies.explain(strategy, inputs);

        assertThat(explanation.changes()).extracting(Counterfactual::to).containsExactly("20");
        assertThat(explanation.candidates().get(0).comparisons())
                .extracting(ComparisonResult::comparison, ComparisonResult::holds)
                .containsExactly(tuple("customer.income == 20", false), tuple("!(customer.active)", true));
    }

    @Test
    void skipsOffersThatAreNotValid() {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("true"), 1);
        var over = new Offer(Id.of("yes-please"), "over", "", null, Attributes.NONE, null, NOW);
        Chooser chooser = strategy.on(SampleStrategies.catalog(over, SampleStrategies.offer(Id.of("no-thanks"))));
        Inputs inputs = inputs(strategy, "a", 1);

        assertThat(chooser.choose(inputs, NOW.minusMillis(1)).rule()).isEqualTo("only");
        assertThat(chooser.choose(inputs, NOW).rule()).isEqualTo("otherwise");
        assertThat(chooser.explain(inputs, NOW).candidates()).extracting(Candidate::stage)
                .containsExactly(Stage.VALIDITY, Stage.CHOSEN);
    }

    @Test
    void rejectsACatalogWithoutItsOffers() {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("true"), 1);
        Chooser chooser = strategy.on(SampleStrategies.catalog(SampleStrategies.offer(Id.of("no-thanks"))));

        assertThat(chooser.obstacles()).containsExactly("offer yes-please is not in the catalog");
        assertThatThrownBy(() -> chooser.choose(inputs(strategy, "a", 1), NOW))
                .isInstanceOf(IllegalStateException.class);
        assertThat(
                strategy.check(SampleStrategies.catalog(SampleStrategies.offer(Id.of("yes-plese")),
                        SampleStrategies.offer(Id.of("no-thanks")))))
                .extracting(Finding::toString).contains(
                        "line 9, column 5: offer yes-please is not in the catalog: did you mean yes-plese?");
    }

    @Test
    void explainsALaterRuleThatCantBeComputed() {
        Strategy strategy = Strategy.parse(SampleStrategies.rule("customer.income == 0").replace("otherwise:", """
                  - rule: broken
                    when: 1 / customer.income == 1
                    offer: 3
                otherwise:"""), 1);

        assertThat(SampleStrategies.explain(strategy, inputs(strategy, "a", 0)).candidates())
                .extracting(Candidate::stage)
                .containsExactly(Stage.CHOSEN, Stage.NOT_COMPUTABLE, Stage.OUTRANKED);
    }

    @Test
    void decidesInParallel() throws Exception {
        Strategy banking = SampleStrategies.banking();
        Chooser chooser = SampleStrategies.chooser(banking);
        Callable<Integer> deciding = () -> {
            int wrong = 0;
            for (int i = 0; i < 20_000; i++) {
                long income = i % 2 == 0 ? 20_000 : 200_000;
                Choice choice = chooser.choose(
                        banking.inputs(new DecisionContext(deposit(i % 10 / 10.0), customer(income, 650))), NOW);
                Id right = Id.of(i % 10 == 9 ? 5 : i % 2 == 0 ? 2 : 1);
                wrong += choice.offer().id().equals(right) ? 0 : 1;
            }
            return wrong;
        };
        var threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Integer> wrong : threads.invokeAll(List.of(deciding, deciding, deciding, deciding))) {
                assertThat(wrong.get()).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
