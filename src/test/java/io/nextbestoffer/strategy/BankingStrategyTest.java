package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static io.nextbestoffer.strategy.SampleStrategies.deposit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.input.DecisionContext;

/** Compares the shipped strategy with the samples of the stream-SQL recipe it comes from. */
class BankingStrategyTest {

    private static final Map<Long, Customer> CUSTOMERS = Map.of(1L, customer(403646, 465), 2L, customer(109825, 624),
            3L, customer(407964, 683));

    private final Strategy banking = SampleStrategies.banking();

    @ParameterizedTest
    @CsvSource({"1, 0.40, 1", "2, 0.56, 1", "3, 0.33, 1", "1, 0.41, 1", "2, 0.44, 1", "3, 0.33, 1", "1, 0.97, 5",
            "2, 0.83, 1", "3, 0.86, 1", "1, 0.14, 1", "2, 0.99, 5", "3, 0.78, 1", "1, 0.14, 1"})
    void choosesTheOffersOfTheRecipe(long customer, double propensity, long offer) {
        Choice choice = SampleStrategies.choose(banking,
                banking.inputs(new DecisionContext(deposit(propensity), CUSTOMERS.get(customer))));

        assertThat(choice.offer().id()).isEqualTo(Id.of(offer));
    }

    @ParameterizedTest
    @CsvSource({"100001, 699, 0.89, savings-for-high-income, 1", "49999, 850, 0.5, checking-for-low-income, 2",
            "50000, 600, 0.5, home-loan-for-good-credit, 3", "100001, 700, 0.5, home-loan-for-good-credit, 3",
            "50000, 599, 0.5, otherwise, 5", "49999, 850, 0.9, otherwise, 5"})
    void namesTheRule(long income, long fico, double propensity, String rule, long offer) {
        Choice choice = SampleStrategies.choose(banking,
                banking.inputs(new DecisionContext(deposit(propensity), customer(income, fico))));

        assertThat(choice.rule()).isEqualTo(rule);
        assertThat(choice.offer().id()).isEqualTo(Id.of(offer));
    }

    /** The recipe contains such a rule, so the shipped strategy keeps it, and the check warns about it. */
    @Test
    void hasARuleThatCanNeverFire() {
        assertThat(banking.check(
                SampleStrategies.catalog(banking.offers().stream().map(SampleStrategies::offer).toArray(Offer[]::new))))
                .extracting(Finding::severity, Finding::toString).containsExactly(
                        tuple(Finding.Severity.WARNING, "line 25, column 5: rule auto-loan-for-high-income can never"
                                + " fire: the rules before it cover every case in which its condition holds"),
                        tuple(Finding.Severity.WARNING,
                                "offer 4 is never chosen: only rules that can never fire name it"));
    }

    @Test
    void exposesItsNameOffersAndOutput() {
        assertThat(banking.name()).isEqualTo("banking");
        assertThat(banking.version()).isEqualTo(1);
        assertThat(banking.description()).startsWith("Savings");
        assertThat(banking.criteria(SampleStrategies.offer(Id.of(2)))).containsExactly(new Strategy.Criterion(
                "checking-for-low-income", "customer.income < 50000 && activity.propensity_to_buy < 0.9"));
        assertThat(banking.otherwise()).isEqualTo(Id.of(5));
        assertThat(banking.offers()).containsExactly(Id.of(1), Id.of(2), Id.of(3), Id.of(4), Id.of(5));
        assertThat(banking.output()).containsExactly("activity.propensity_to_buy", "activity.activity_type",
                "customer.income", "customer.fico");
    }
}
