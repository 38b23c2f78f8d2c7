package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.NOW;
import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.input.DecisionContext;

/** Tests the shipped strategy with the shipped catalog. */
class InsuranceStrategyTest {

    private static final Catalog CATALOG = SampleStrategies.shippedCatalog("insurance");

    private final Strategy strategy = SampleStrategies.shipped("insurance");

    @ParameterizedTest
    @CsvSource(textBlock = """
            0.7,  web_open,    10, 40000,  500, 3, discount_existing
            0.7,  new_account, 9,  120000, 700, 4, safe_driver_program
            0.69, new_account, 10, 100000, 500, 1, new_home_policy
            0.69, new_account, 10, 99999,  600, 2, new_auto_policy
            0.1,  mobile_open, 0,  50000,  600, 2, new_auto_policy
            0.1,  mobile_open, 0,  50000,  599, 5, no_offer
            0.1,  web_open,    0,  49999,  850, 5, no_offer
            """)
    void choosesByChurnThenByGrowth(double churn, String type, long years, long income, long fico, String offer,
            String name) {
        Choice choice = strategy.on(CATALOG).choose(strategy.inputs(new DecisionContext(
                activity(Map.of("propensity_to_churn", churn, "activity_type", type)),
                customer(Map.of("years_active", years, "income", income, "fico", fico)))), NOW);

        assertThat(choice.offer().id().text()).isEqualTo(offer);
        assertThat(choice.offer().name()).isEqualTo(name);
    }

    @Test
    void hasNoFindings() {
        assertThat(strategy.findings()).isEmpty();
        assertThat(strategy.check(CATALOG)).isEmpty();
    }
}
