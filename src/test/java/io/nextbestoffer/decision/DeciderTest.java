package io.nextbestoffer.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

class DeciderTest {

    private static final UUID ID = new UUID(1, 2);
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.006Z");
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:06Z");
    private static final Activity DEPOSIT = SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4);

    private static Decision decide(Activity activity, Customer customer, Snapshot snapshot) {
        return Decider.decide(ID, new DecisionContext(activity, customer), snapshot, THEN, NOW);
    }

    /** The decision table of the sample bank. */
    @ParameterizedTest
    @CsvSource(textBlock = """
             1, 1, branch_visit, 0.40, 1
             2, 2, deposit,      0.56, 1
             3, 3, web_open,     0.33, 1
             4, 1, deposit,      0.41, 1
             5, 2, deposit,      0.44, 1
             6, 3, web_open,     0.33, 1
             7, 1, mobile_open,  0.97, 5
             8, 2, deposit,      0.83, 1
             9, 3, deposit,      0.86, 1
            10, 1, new_account,  0.14, 1
             8, 2, deposit,      0.99, 5
             9, 3, deposit,      0.78, 1
            """)
    void decidesTheSampleBank(long activity, long customer, String type, double propensity, long offer) {
        Decision decision = decide(SampleDecisions.activity(Id.of(activity), Id.of(customer), type, propensity),
                SampleDecisions.customer(customer), SampleDecisions.bank());

        assertThat(decision.offer().id()).isEqualTo(Id.of(offer));
    }

    @Test
    void keepsTheInputsOfTheDecision() {
        Snapshot snapshot = SampleDecisions.bank();

        Decision decision = decide(DEPOSIT, SampleDecisions.customer(1), snapshot);

        assertThat(decision.id()).isEqualTo(ID);
        assertThat(decision.activity()).isEqualTo(DEPOSIT);
        assertThat(decision.strategy()).isSameAs(snapshot.active().get("banking"));
        assertThat(decision.rule()).isEqualTo("savings-for-high-income");
        assertThat(decision.inputs().get("customer.income")).isEqualTo(403646L);
        assertThat(decision.activityTime()).isEqualTo(THEN);
        assertThat(decision.decidedAt()).isEqualTo(NOW);
    }

    @Test
    void decidesTheSameForTheSameArguments() {
        Snapshot snapshot = SampleDecisions.bank();

        assertThat(decide(DEPOSIT, SampleDecisions.customer(1), snapshot))
                .isEqualTo(decide(DEPOSIT, SampleDecisions.customer(1), snapshot));
    }

    @Test
    void rejectsAnActivityWithMissingAttributes() {
        var activity = new Activity(Id.of(1), Id.of(1), Attributes.of(Map.of("activity_type", "deposit")));

        assertThatThrownBy(() -> decide(activity, SampleDecisions.customer(1), SampleDecisions.bank()))
                .isInstanceOf(UndecidableException.class).hasMessage("activity.propensity_to_buy is missing");
    }

    @Test
    void failsIfTheOfferIsNotInTheCatalog() {
        var snapshot = SampleDecisions.of(SampleDecisions.strategy(), new Catalog(1, Map.of()));

        assertThatThrownBy(() -> decide(DEPOSIT, SampleDecisions.customer(1), snapshot))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("strategy banking 1 can't choose: offer 1 is not in the catalog");
    }
}
