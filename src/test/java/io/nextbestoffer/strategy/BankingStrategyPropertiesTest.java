package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.NOW;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static io.nextbestoffer.strategy.SampleStrategies.deposit;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Compares the shipped strategy with the same rules in plain Java. */
class BankingStrategyPropertiesTest {

    private static final Strategy BANKING = SampleStrategies.banking();
    private static final Chooser CHOOSER = SampleStrategies.chooser(BANKING);

    @Property(tries = 20_000)
    void decidesAsPlainJava(@ForAll("incomes") long income, @ForAll("ficos") long fico,
            @ForAll("propensities") double propensity) {
        Choice choice = CHOOSER.choose(BANKING.inputs(new DecisionContext(deposit(propensity), customer(income, fico))),
                NOW);

        assertThat(choice.offer().id().text()).isEqualTo(Integer.toString(reference(income, fico, propensity)));
    }

    @Property
    void explanationAgreesWithChoice(@ForAll("incomes") long income, @ForAll("ficos") long fico,
            @ForAll("propensities") double propensity) {
        Inputs inputs = BANKING.inputs(new DecisionContext(deposit(propensity), customer(income, fico)));

        Explanation explanation = CHOOSER.explain(inputs, NOW);

        assertThat(explanation.choice()).isEqualTo(CHOOSER.choose(inputs, NOW));
        assertThat(explanation.candidates()).filteredOn(candidate -> candidate.stage() == Stage.CHOSEN).singleElement()
                .extracting(candidate -> new Choice(candidate.rule(), candidate.offer(), List.of()))
                .isEqualTo(explanation.choice());
    }

    private static int reference(long income, long fico, double p) {
        if (income > 100_000 && fico < 700 && p < 0.9) {
            return 1;
        }
        if (income < 50_000 && p < 0.9) {
            return 2;
        }
        if (income >= 50_000 && fico >= 600 && p < 0.9) {
            return 3;
        }
        return income > 100_000 && fico >= 700 && p < 0.9 ? 4 : 5;
    }

    @Provide
    Arbitrary<Long> incomes() {
        return Arbitraries.oneOf(Arbitraries.of(49_999L, 50_000L, 50_001L, 99_999L, 100_000L, 100_001L),
                Arbitraries.longs().between(0, 200_000), Arbitraries.longs());
    }

    @Provide
    Arbitrary<Long> ficos() {
        return Arbitraries.oneOf(Arbitraries.of(599L, 600L, 601L, 699L, 700L, 701L),
                Arbitraries.longs().between(300, 850), Arbitraries.longs());
    }

    @Provide
    Arbitrary<Double> propensities() {
        return Arbitraries.oneOf(Arbitraries.of(0.0, 0.9, Math.nextDown(0.9), Math.nextUp(0.9), 1.0),
                Arbitraries.doubles().between(0, 1));
    }
}
