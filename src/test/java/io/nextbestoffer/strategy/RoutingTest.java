package io.nextbestoffer.strategy;

import static io.nextbestoffer.strategy.SampleStrategies.activity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.strategy.document.InvalidStrategyException;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

class RoutingTest {

    private static final String DOCUMENT = """
            attributes:
              activity:
                line: {type: string, default: ""}
                amount: {type: int, default: 0}
            routes:
              - when: activity.line == "insurance"
                strategy: insurance
              - when: 100 / activity.amount > 1
                strategy: private-banking
            default: banking
            """;

    private static DecisionContext context(Map<String, ?> activity) {
        return DecisionContext.withoutCustomer(activity(activity));
    }

    @Test
    void selectsTheStrategyOfTheFirstMatchingRoute() {
        Routing routing = (Routing) Document.parse(DOCUMENT, 2);

        assertThat(routing.name()).isEqualTo("routing");
        assertThat(routing.strategyFor(context(Map.of("line", "insurance")))).isEqualTo("insurance");
        assertThat(routing.strategyFor(context(Map.of("line", "x", "amount", 10L)))).isEqualTo("private-banking");
        assertThat(routing.strategyFor(context(Map.of("amount", 100L)))).isEqualTo("banking");
        assertThat(routing.strategies()).containsExactly("insurance", "private-banking", "banking");
    }

    @Test
    void reportsConditionsThatCantBeComputed() {
        Routing routing = (Routing) Document.parse(DOCUMENT, 2);

        assertThatThrownBy(() -> routing.strategyFor(context(Map.of()))).isInstanceOf(UndecidableException.class)
                .hasMessage("the route to strategy private-banking can't be computed: it divides by zero");
        assertThatThrownBy(() -> routing.strategyFor(context(Map.of("line", 7L))))
                .isInstanceOf(UndecidableException.class).hasMessage("activity.line must be a string, not an int");
    }

    @Test
    void rejectsAttributesOfCustomers() {
        assertThatThrownBy(() -> Document.parse(DOCUMENT.replace("activity:\n", "customer:\n"), 1))
                .isInstanceOf(InvalidStrategyException.class)
                .hasMessageContaining("line 2, column 3: unknown key customer (known: activity)")
                .hasMessageContaining("line 6, column 11: unknown attribute activity.line");
        assertThatThrownBy(() -> Document.parse(DOCUMENT.replace("default: banking", "defalt: banking"), 1))
                .hasMessageContaining("line 10, column 1: unknown key defalt: did you mean default?")
                .hasMessageContaining("the routing has no default, which is mandatory");
    }

    @Test
    void isCheckedLikeStrategies() {
        assertThat(Document.parse(DOCUMENT.replace("100 / activity.amount > 1", "activity.line == 'insurance'"), 1)
                .findings()).extracting(Finding::toString).contains("line 8, column 5: the route to private-banking can"
                        + " never be taken: the routes before it cover every case in which its condition"
                        + " holds");
        assertThatThrownBy(() -> Document.parse(DOCUMENT.replace("line: {type: string, default: \"\"}",
                "line: {type: string, default: \"\", protected: true}"), 1))
                .hasMessageContaining("activity.line is protected");
    }

    @Test
    void isNotAStrategy() {
        assertThatThrownBy(() -> Strategy.parse(DOCUMENT, 1)).isInstanceOf(InvalidStrategyException.class);
        assertThatThrownBy(
                () -> Document.parse(SampleStrategies.rule("true").replace("strategy: sample", "strategy: routing"),
                        1))
                .hasMessageContaining("line 1, column 11: a strategy can't be named routing");
    }
}
