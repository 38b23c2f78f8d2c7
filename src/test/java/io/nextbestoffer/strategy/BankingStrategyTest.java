package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.Samples.customer;
import static io.nextbestoffer.strategy.Samples.deposit;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;

/** The shipped strategy against the samples of the stream-SQL recipe it comes from. */
class BankingStrategyTest {

    private static final Map<Long, Customer> CUSTOMERS = Map.of(1L, customer(403646, 465), 2L, customer(109825, 624),
            3L, customer(407964, 683));

    private final Strategy banking = Samples.banking();

    @ParameterizedTest
    @CsvSource({"1, 0.40, 1", "2, 0.56, 1", "3, 0.33, 1", "1, 0.41, 1", "2, 0.44, 1", "3, 0.33, 1", "1, 0.97, 5",
            "2, 0.83, 1", "3, 0.86, 1", "1, 0.14, 1", "2, 0.99, 5", "3, 0.78, 1", "1, 0.14, 1"})
    void choosesWhatTheRecipeChooses(long customer, double propensity, long offer) {
        Choice choice = banking.choose(banking.inputs(deposit(propensity), CUSTOMERS.get(customer)));

        assertThat(choice.offer()).isEqualTo(Id.of(offer));
    }

    @ParameterizedTest
    @CsvSource({"100001, 699, 0.89, savings-for-high-income, 1", "49999, 850, 0.5, checking-for-low-income, 2",
            "50000, 600, 0.5, home-loan-for-good-credit, 3", "100001, 700, 0.5, home-loan-for-good-credit, 3",
            "50000, 599, 0.5, otherwise, 5", "49999, 850, 0.9, otherwise, 5"})
    void namesTheRule(long income, long fico, double propensity, String rule, long offer) {
        Choice choice = banking.choose(banking.inputs(deposit(propensity), customer(income, fico)));

        assertThat(choice).isEqualTo(new Choice(rule, Id.of(offer)));
    }

    @Test
    void describesItself() {
        assertThat(banking.name()).isEqualTo("banking");
        assertThat(banking.version()).isEqualTo(1);
        assertThat(banking.description()).startsWith("Savings");
        assertThat(banking.rules()).extracting(Rule::offer).containsExactly(Id.of(1), Id.of(2), Id.of(3), Id.of(4));
        assertThat(banking.rules().get(1).when())
                .isEqualTo("customer.income < 50000 && activity.propensity_to_buy < 0.9");
        assertThat(banking.otherwise()).isEqualTo(Id.of(5));
        assertThat(banking.offers()).containsExactly(Id.of(1), Id.of(2), Id.of(3), Id.of(4), Id.of(5));
        assertThat(banking.output()).containsExactly("activity.propensity_to_buy", "activity.activity_type",
                "customer.income", "customer.fico");
    }
}
