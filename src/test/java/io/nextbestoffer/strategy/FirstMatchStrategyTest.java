package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.Samples.activity;
import static io.nextbestoffer.strategy.Samples.customer;
import static io.nextbestoffer.strategy.Samples.deposit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.attribute.Id;

class FirstMatchStrategyTest {

    private static Inputs inputs(Strategy strategy, String kind, long income) {
        return strategy.inputs(activity(Map.of("p", 0.5, "kind", kind)),
                customer(Map.of("income", income, "active", true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"activity.p < 1", "activity.kind in ['a', 'b']", "activity.kind.startsWith('a')",
            "customer.active && !(customer.income < 1)", "size(activity.kind) == 1", "true",
            "double(customer.income) * activity.p > 1.0", "'(customer.active ? 1 : 2) == 1'",
            "'!customer.active || customer.income % 2 == 0'", "\"activity.kind != '\\u0041'\"",
            "timestamp('2026-01-02T10:00:00Z').getHours() == 10"})
    void knowsTheLanguage(String when) {
        Strategy strategy = Strategy.parse(Samples.rule(when));

        assertThat(strategy.choose(inputs(strategy, "a", 10))).isEqualTo(new Choice("only", Id.of("yes-please")));
    }

    @Test
    void readsJson() {
        Strategy strategy = Strategy.parse("""
                {
                \t"strategy": "json",
                \t"version": 2,
                \t"attributes": {"customer": {"income": {"type": "int", "default": 0}}},
                \t"rules": [{"rule": "rich", "when": "customer.income > 1", "offer": "A-1"}],
                \t"otherwise": "1",
                \t"output": ["customer.income"]
                }
                """);

        assertThat(strategy.rules()).containsExactly(new Rule("rich", "customer.income > 1", Id.of("A-1")));
        assertThat(strategy.otherwise().number()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1 / customer.income > 0                              | it divides by zero
            1 % customer.income > 0                              | it divides by zero
            customer.income - 1 + -9223372036854775807 - 1 > 0   | a number gets out of range
            int(activity.kind) > 0                               | a text can't be converted
            double(activity.kind) > 0.0                          | a text can't be converted
            timestamp(activity.kind).getHours() > 0              | a text can't be converted
            duration(activity.kind).getHours() > 0               | a text can't be converted
            """)
    void namesTheRuleThatCantBeComputed(String when, String why) {
        Strategy strategy = Strategy.parse(Samples.rule(when));

        assertThatThrownBy(() -> strategy.choose(inputs(strategy, "secret", 0)))
                .isInstanceOf(UndecidableException.class).hasMessage("rule only can't be computed: " + why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"timestamp('2026-01-02T10:00:00Z').getHours(activity.kind) > 0",
            "int(1e300 * activity.p) > 0", "duration('10000000000000h') > duration('1s')"})
    void isNeverBrokenByAValue(String when) {
        Strategy strategy = Strategy.parse(Samples.rule(when));

        assertThatThrownBy(() -> strategy.choose(inputs(strategy, "Nowhere/Else", 0)))
                .isInstanceOf(UndecidableException.class).hasMessageStartingWith("rule only can't be computed: ");
    }

    @Test
    void explainsTheRulesAfterTheChosenOneToo() {
        Strategy banking = Samples.banking();

        List<RuleOutcome> outcomes = banking.explain(banking.inputs(deposit(0.5), customer(200_000, 750)));

        assertThat(outcomes).extracting(RuleOutcome::rule, RuleOutcome::matched, RuleOutcome::chosen)
                .map(tuple -> tuple.toList().toString())
                .containsExactly("[savings-for-high-income, false, false]", "[checking-for-low-income, false, false]",
                        "[home-loan-for-good-credit, true, true]", "[auto-loan-for-high-income, true, false]",
                        "[otherwise, true, false]");
        assertThat(outcomes.get(0).when()).isEqualTo(banking.rules().get(0).when());
    }

    @Test
    void explainsADecisionThatALaterRuleCantDisturb() {
        Strategy strategy = Strategy.parse(Samples.rule("customer.income == 0").replace("otherwise:", """
                  - rule: broken
                    when: 1 / customer.income == 1
                    offer: 3
                otherwise:"""));

        assertThat(strategy.explain(inputs(strategy, "a", 0))).extracting(RuleOutcome::matched)
                .containsExactly(true, false, true);
    }

    @Test
    void decidesInParallel() throws Exception {
        Strategy banking = Samples.banking();
        Callable<Integer> deciding = () -> {
            int wrong = 0;
            for (int i = 0; i < 20_000; i++) {
                long income = i % 2 == 0 ? 20_000 : 200_000;
                Choice choice = banking.choose(banking.inputs(deposit(i % 10 / 10.0), customer(income, 650)));
                Id right = Id.of(i % 10 == 9 ? 5 : i % 2 == 0 ? 2 : 1);
                wrong += choice.offer().equals(right) ? 0 : 1;
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
