package io.nextbestoffer.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.simulation.report.DecidedOffer;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Attribute;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

class ReplayStrategyTest {

    private static final Instant SPRING = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant SUMMER = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant AUTUMN = Instant.parse("2026-09-01T00:00:00Z");

    /** Offer 1 is valid until summer; offer 9 is {@code otherwise}. */
    private static ReplayStrategy replay(String attributes) {
        return new ReplayStrategy(Strategy.parse("""
                strategy: sample
                attributes:
                  customer:
                    income: int
                %s
                segments:
                  women: customer.gender == "f"
                rules:
                  - {rule: loan, when: customer.income > 1000, offer: 1}
                otherwise: 9
                """.formatted(attributes.indent(4)), 0).on(catalog()));
    }

    private static Catalog catalog() {
        return new Catalog(1,
                Stream.of(1, 9).map(id -> new Offer(Id.of(id), "offer " + id, "", null, Attributes.NONE, null,
                        id == 1 ? SUMMER : null))
                        .collect(Collectors.toMap(Offer::id, Function.identity())));
    }

    private static Case aCase(Instant at, Map<String, Object> customer) {
        return new Case(
                Map.of(DecisionContext.ACTIVITY, new HashMap<>(), DecisionContext.CUSTOMER, new HashMap<>(customer)),
                null, at, "c");
    }

    private static Customer profile(Map<String, ?> attributes) {
        return new Customer(Id.of("c"), Attributes.of(attributes));
    }

    private static DecidedOffer loan() {
        return new DecidedOffer(Id.of(1), "offer 1", null, true);
    }

    private static DecidedOffer nothing() {
        return new DecidedOffer(Id.of(9), "offer 9", null, false);
    }

    @Test
    void usesTheValidityOfOffersAtTheTimeOfTheDecision() {
        var replay = replay("gender: string");

        assertThat(replay.decide(aCase(SPRING, Map.of("income", 2000L, "gender", "f")), null).offer())
                .isEqualTo(loan());
        assertThat(replay.decide(aCase(AUTUMN, Map.of("income", 2000L, "gender", "f")), null).offer())
                .isEqualTo(nothing());
    }

    @Test
    void rejectsDecisionsWithoutRecordedAttributes() {
        var replay = replay("gender: {type: string, protected: true, because: it is a test}");
        var incomplete = aCase(SPRING, Map.of("income", 2000L));
        var poor = aCase(SPRING, Map.of("gender", "f"));

        assertThatThrownBy(() -> replay.decide(incomplete, profile(Map.of("gender", "f"))))
                .isInstanceOf(UndecidableException.class).hasMessage("customer.gender is missing");
        assertThatThrownBy(() -> replay.decide(poor, profile(Map.of("income", 2000L))))
                .isInstanceOf(UndecidableException.class).hasMessage("customer.income is missing");
    }

    @Test
    void takesMeasuredAttributesFromTheProfile() {
        var replay = replay("gender: {type: string, protected: true}");
        var recorded = aCase(SPRING, Map.of("income", 2000L));

        var decided = replay.decide(recorded, profile(Map.of("gender", "f", "income", 1L)));

        assertThat(decided.offer()).isEqualTo(loan());
        assertThat(decided.segments()).containsExactly("women");
        assertThat(recorded.inputs().get("customer")).as("unchanged").isEqualTo(Map.of("income", 2000L));
    }

    @Test
    void acceptsUnknownMeasuredAttributes() {
        var replay = replay("""
                gender: string
                age: {type: int, protected: true}
                size: {type: double, protected: true}
                tags: {type: strings, protected: true}
                here: {type: boolean, protected: true}""");

        var decided = replay.decide(aCase(SPRING, Map.of("income", 2000L, "gender", "f")),
                profile(Map.of("age", 17L)));

        assertThat(decided.offer()).isEqualTo(loan());
        assertThat(decided.segments()).as("unknown").isNull();
    }

    @Test
    void returnsTheScoreOfTheWinner() {
        var replay = new ReplayStrategy(Strategy.parse("""
                strategy: ranked
                attributes:
                  customer: {income: double}
                rank:
                  candidates: [{offer: 1}]
                  score: [{term: income, weight: 2, value: customer.income}]
                  above: 10
                otherwise: 9
                """, 0).on(catalog()));

        assertThat(replay.decide(aCase(SPRING, Map.of("income", 6.0)), null).offer())
                .isEqualTo(new DecidedOffer(Id.of(1), "offer 1", 12.0, true));
        assertThat(replay.decide(aCase(SPRING, Map.of("income", 5.0)), null).offer()).isEqualTo(nothing());
    }

    @Test
    void returnsInputsWithDefaultValues() {
        var replay = replay("gender: {type: string, default: x}");

        assertThat(replay.defaulted(aCase(SPRING, Map.of("income", 1L)))).extracting(Attribute::reference)
                .containsExactly("customer.gender");
        assertThat(replay.defaulted(aCase(SPRING, Map.of("income", 1L, "gender", "f")))).isEmpty();
    }
}
