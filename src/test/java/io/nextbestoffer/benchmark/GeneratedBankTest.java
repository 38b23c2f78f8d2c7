package io.nextbestoffer.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.assertj.core.data.Index;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.nextbestoffer.benchmark.peer.PeerRules;

class GeneratedBankTest {
    private static final int CUSTOMERS = 2000;

    private final ObjectMapper json = new ObjectMapper();
    private final GeneratedBank bank = new GeneratedBank(CUSTOMERS);

    @Test
    void generatesTheSameBankEachTime() {
        GeneratedBank again = new GeneratedBank(CUSTOMERS);
        GeneratedBank.Activities first = bank.activities(0);
        GeneratedBank.Activities second = again.activities(0);

        assertThat(bank.change(7, 1)).isEqualTo(again.change(7, 1));
        for (int i = 0; i < 100; i++) {
            assertThat(first.next().json()).isEqualTo(second.next().json());
        }
    }

    @Test
    void numbersActivitiesFromZero() throws IOException {
        GeneratedBank.Activities activities = bank.activities(0);

        for (int id = 0; id < 3000; id++) {
            GeneratedBank.Activity activity = activities.next();
            JsonNode written = json.readTree(activity.json());

            assertThat(activity.id()).isEqualTo(id);
            assertThat(written.get("activity_id").intValue()).isEqualTo(id);
            assertThat(written.get("customer_id").intValue()).isEqualTo(activity.customer());
            assertThat(activity.key()).asString().isEqualTo(written.get("customer_id").asText());
            assertThat(activities.answers().customer(id)).isEqualTo(activity.customer());
        }
        assertThat(activities.answers().count()).isEqualTo(3000);
    }

    @Test
    void generatesActivitiesOfGivenCustomers() {
        GeneratedBank.Activities activities = bank.activities(3);

        assertThat(activities.of(5).customer()).isEqualTo(5);
        assertThat(activities.of(9).customer()).isEqualTo(9);
        assertThat(activities.of(5).customer()).isEqualTo(5);
        assertThat(activities.answers().lastOfEach(CUSTOMERS)).contains(2, Index.atIndex(5))
                .contains(1, Index.atIndex(9))
                .contains(-1, Index.atIndex(6));
    }

    /** A propensity of 0.9 leads to offer 5, no_offer. */
    @Test
    void appliesTheRulesAtTheirLimits() {
        int rich = customerLike(100_001, 250_000, 300, 699);
        int richGoodCredit = customerLike(100_001, 250_000, 700, 850);
        int poor = customerLike(15_000, 49_999, 300, 850);
        int middle = customerLike(50_000, 100_000, 600, 850);
        int middleBadCredit = customerLike(50_000, 100_000, 300, 599);

        assertThat(List.of(bank.offer(rich, 0), bank.offer(rich, 89), bank.offer(rich, 90))).containsExactly(1, 1, 5);
        assertThat(List.of(bank.offer(richGoodCredit, 89), bank.offer(richGoodCredit, 100))).containsExactly(3, 5);
        assertThat(List.of(bank.offer(poor, 89), bank.offer(poor, 90))).containsExactly(2, 5);
        assertThat(List.of(bank.offer(middle, 89), bank.offer(middle, 90))).containsExactly(3, 5);
        assertThat(List.of(bank.offer(middleBadCredit, 0), bank.offer(middleBadCredit, 90))).containsExactly(5, 5);
    }

    @Test
    void agreesWithTheRulesOfThePeer() {
        for (int customer = 1; customer <= CUSTOMERS; customer++) {
            for (int hundredths : new int[]{0, 50, 89, 90, 100}) {
                assertThat(PeerRules.offer(hundredths / 100.0, bank.income(customer), bank.fico(customer)))
                        .isEqualTo(bank.offer(customer, hundredths));
            }
        }
    }

    @Test
    void writesTheAttributesOfACustomer() throws IOException {
        JsonNode change = json.readTree(bank.change(42, 1_700_000_000_000L));

        assertThat(change.get("op").asText()).isEqualTo("c");
        assertThat(change.at("/after/customer_id").intValue()).isEqualTo(42);
        assertThat(change.at("/after/income").intValue()).isEqualTo(bank.income(42));
        assertThat(change.at("/after/fico").intValue()).isEqualTo(bank.fico(42));
        assertThat(change.at("/source/ts_ms").longValue()).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void coversAllOffers() {
        GeneratedBank.Activities activities = bank.activities(0);
        List<Integer> made = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            activities.next();
            made.add(activities.answers().offer(i));
        }

        // The conditions of the auto loan imply those of the home loan
        assertThat(made).contains(1, 2, 3, 5).doesNotContain(4);
    }

    private int customerLike(int leastIncome, int mostIncome, int leastFico, int mostFico) {
        for (int customer = 1; customer <= CUSTOMERS; customer++) {
            if (bank.income(customer) >= leastIncome && bank.income(customer) <= mostIncome
                    && bank.fico(customer) >= leastFico && bank.fico(customer) <= mostFico) {
                return customer;
            }
        }
        throw new AssertionError("no such customer");
    }
}
