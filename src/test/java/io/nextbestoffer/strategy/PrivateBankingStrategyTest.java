package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.NOW;
import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static io.nextbestoffer.strategy.SampleStrategies.customer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.strategy.Choice.Ranked;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.explain.Explanation.Candidate;
import io.nextbestoffer.strategy.explain.Explanation.Counterfactual;
import io.nextbestoffer.strategy.explain.Explanation.Stage;
import io.nextbestoffer.strategy.explain.Explanation.TermScore;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.Inputs;

/** Tests the shipped strategy with the shipped catalog: the documented example and its arithmetic. */
class PrivateBankingStrategyTest {

    private static final Catalog CATALOG = SampleStrategies.shippedCatalog("private-banking");

    private final Strategy strategy = SampleStrategies.shipped("private-banking");
    private final Chooser chooser = strategy.on(CATALOG);

    /** Customer C001 of the README. */
    private static Map<String, Object> c001() {
        return Map.of("age", 35L, "income", 150_000L, "credit_score", 780L, "avg_account_balance", 19_250L,
                "existing_products", List.of("Wealth Management", "investment-account"));
    }

    private Inputs inputs(Map<String, Object> attributes) {
        return strategy.inputs(new DecisionContext(activity(Map.of()), customer(attributes)));
    }

    private Map<String, Candidate> explained(Map<String, Object> attributes) {
        var byOffer = new HashMap<String, Candidate>();
        chooser.explain(inputs(attributes), NOW).candidates()
                .forEach(candidate -> byOffer.put(candidate.offer().id().text(), candidate));
        return byOffer;
    }

    @Test
    void hasNoFindings() {
        assertThat(chooser.obstacles()).isEmpty();
        assertThat(strategy.findings()).isEmpty();
        assertThat(strategy.check(CATALOG)).isEmpty();
    }

    /**
     * Premium Credit Card (75,000; 720; from 21; 10,000): 40 × min(1, 150,000 / 150,000) + 30 × 780 / 1440
     * + 20 × 19,250 / 20,000 + 10 = 40 + 16.25 + 19.25 + 10 = 85.5.
     * Business Expansion Loan (80,000; 680; from 25; no balance): 40 × 150,000 / 160,000 + 30 × 780 / 1360 + 20 + 10
     * = 37.5 + 17.2059 + 20 + 10 = 84.7059.
     */
    @Test
    void ranksTheDocumentedExample() {
        Choice choice = chooser.choose(inputs(c001()), NOW);

        assertThat(choice.rule()).isEqualTo("ranked");
        assertThat(choice.ranking()).extracting(ranked -> ranked.offer().name())
                .containsExactly("Premium Credit Card", "Business Expansion Loan");
        assertThat(choice.ranking().get(0).score()).isCloseTo(85.5, within(1e-9));
        assertThat(choice.ranking().get(1).score()).isCloseTo(37.5 + 30 * 780 / 1360.0 + 20 + 10, within(1e-9));
        assertThat(choice.ranking()).allMatch(Ranked::portfolioGap);
        assertThat(explained(c001()).get("premium-credit-card").score().terms()).containsExactly(
                new TermScore("income", 40, 1, 40), new TermScore("credit score", 30, 780 / 1440.0, 16.25),
                new TermScore("account balance", 20, 0.9625, 19.25), new TermScore("age", 10, 1, 10));
    }

    @Test
    void reportsTheStageOfEachProduct() {
        Map<String, Candidate> explained = explained(c001());

        assertThat(explained.get("premium-credit-card").stage()).isEqualTo(Stage.CHOSEN);
        assertThat(explained.get("business-expansion-loan").stage()).isEqualTo(Stage.OUTRANKED);
        assertThat(explained.get("business-expansion-loan").rank()).isEqualTo(2);
        assertThat(explained.get("wealth-management").stage()).isEqualTo(Stage.OWNED);
        assertThat(explained.get("investment-account").stage()).isEqualTo(Stage.OWNED);
        assertThat(explained.get("retirement-account").stage()).isEqualTo(Stage.ELIGIBILITY);
        assertThat(explained.get("retirement-account").comparisons())
                .filteredOn(compared -> Boolean.FALSE.equals(compared.holds())).singleElement()
                .satisfies(compared -> {
                    assertThat(compared.comparison()).isEqualTo("customer.age >= offer.min_age");
                    assertThat(compared.values()).containsExactly(entry("customer.age", 35L),
                            entry("offer.min_age", 45L));
                });
        assertThat(explained.get("gold-loan").comparisons()).extracting(Explanation.ComparisonResult::comparison)
                .as("a named condition is shown as its expression").contains("customer.credit_score < 650");
        assertThat(explained.get("no-product").stage()).isEqualTo(Stage.OUTRANKED);
        assertThat(explained).hasSize(CATALOG.offers().size());
    }

    @Test
    void reportsChangesThatLeadToAnotherOffer() {
        List<Counterfactual> changes = chooser.explain(inputs(c001()), NOW).changes();

        assertThat(changes)
                .extracting(Counterfactual::attribute, Counterfactual::to, change -> change.offer().id().text())
                .map(tuple -> tuple.toList().toString())
                // 84.7059 = 66.25 + 20 × 18,455.88 / 20,000; a smaller income reduces both scores
                .containsExactly("[customer.avg_account_balance, at most 18455.88, business-expansion-loan]",
                        "[customer.credit_score, at most 719, business-expansion-loan]",
                        "[customer.age, at most 30, starter-investment-plan]",
                        "[customer.income, at most 102352.9, business-expansion-loan]");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            25, 55000,  700, 3000,  young-professionals, rewards-credit-card personal-loan starter-investment-plan
            40, 220000, 790, 120000, affluent, wealth-management investment-account premium-credit-card
            58, 60000,  690, 20000, retirement-planners, retirement-account fixed-deposit retirement-insurance
            33, 28000,  520, 900,   credit-builders, secured-credit-card gold-loan savings-builder
            """)
    void ranksProductsForEverySegment(long age, double income, long score, double balance, String segment,
            String products) {
        Inputs inputs = inputs(Map.of("age", age, "income", income, "credit_score", score,
                "avg_account_balance", balance));

        assertThat(strategy.segments(inputs)).containsExactly(segment);
        assertThat(chooser.choose(inputs, NOW).ranking()).extracting(ranked -> ranked.offer().id().text())
                .contains(products.split(" "));
    }

    /** The fit is 0.5 at the minimum, 0 below it, and 1 from twice the minimum on or without a minimum. */
    @ParameterizedTest
    @CsvSource({"75000, 0.5", "112500, 0.75", "150000, 1", "10000000, 1"})
    void weighsIncomeAgainstTheMinimum(double income, double fit) {
        var attributes = new HashMap<>(c001());
        attributes.put("income", income);

        assertThat(explained(attributes).get("premium-credit-card").score().terms().get(0).value()).isEqualTo(fit);
    }

    @Test
    void ranksNothingIfTheCustomerIsNotEligible() {
        Choice choice = chooser.choose(inputs(Map.of("age", 18L, "income", 0L, "credit_score", 850L,
                "avg_account_balance", 0L)), NOW);

        assertThat(choice.rule()).isEqualTo("otherwise");
        assertThat(choice.offer().id()).isEqualTo(Id.of("no-product"));
        assertThat(choice.ranking()).isEmpty();
    }

    @Test
    void reportsEveryInvalidAttribute() {
        var wrong = new HashMap<String, String>();

        strategy.check(
                new DecisionContext(activity(Map.of()), customer(Map.of("age", 17L, "income", -1L, "credit_score", 851L,
                        "existing_products", "card"))),
                (attribute, message) -> wrong.put(attribute.name(), message));

        assertThat(wrong).containsOnly(entry("age", "customer.age must be at least 18"),
                entry("income", "customer.income must be at least 0"),
                entry("credit_score", "customer.credit_score must be at most 850"),
                entry("avg_account_balance", "customer.avg_account_balance is missing"),
                entry("existing_products", "customer.existing_products must be a list of strings, not a string"));
    }

    @Test
    void protectsAge() {
        assertThat(strategy.inputs()).filteredOn(attribute -> attribute.protection() != null)
                .extracting(Attribute::reference).containsExactly("customer.age");
    }
}
