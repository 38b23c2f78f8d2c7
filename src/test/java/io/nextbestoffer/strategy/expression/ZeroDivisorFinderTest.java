package io.nextbestoffer.strategy.expression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.strategy.Finding;
import io.nextbestoffer.strategy.Strategy;

class ZeroDivisorFinderTest {

    private static Strategy parse(String when) {
        return Strategy.parse("""
                strategy: sample
                attributes:
                  customer:
                    debt: double
                    income: {type: double, min: 0}
                    age: {type: int, min: 18, max: 120}
                    children: int
                    change: {type: double, min: -1, max: 1}
                constants: {half: 0.5, none: 0}
                expressions:
                  has_income: customer.income > 0.0
                  ratio: customer.debt / customer.income
                  age: double(customer.age)
                rules:
                  - rule: only
                    when: "%s"
                    offer: 1
                otherwise: 2
                """.formatted(when), 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            customer.debt / customer.income > 0.4                                   ; customer.income
            !(customer.debt / customer.income > 0.4)                                ; customer.income
            customer.income >= 0.0 && customer.debt / customer.income > 0.4         ; customer.income
            customer.income > 0.0 || customer.debt / customer.income > 0.4          ; customer.income
            ratio > 0.4                                                             ; customer.income
            100 / customer.children > 1                                             ; customer.children
            customer.age % customer.children == 0                                   ; customer.children
            customer.debt / (customer.income - 1.0) > 0.4                           ; customer.income - 1.0
            customer.debt / (1.0 - customer.change) > 0.4                           ; 1.0 - customer.change
            customer.debt / double(customer.age - 18) > 0.4                         ; double(customer.age - 18)
            customer.debt / (has_income ? 1.0 : customer.income) > 0.4              ; has_income ? 1.0 : customer.income
            customer.children != 0 && 1 / (customer.age / customer.children) > 0    ; customer.age / customer.children
            1 / none > 1                                                            ; none
            1 / size('') > 1                                                        ; size(\"\")
            """)
    void warnsOfADivisorThatCanBeZero(String when, String divisor) {
        assertThat(parse(when).findings()).extracting(Finding::toString)
                .filteredOn(finding -> finding.contains("divides"))
                .containsExactly("line 16, column 11: when divides by " + divisor + ", which can be 0: it can't be"
                        + " computed then. Declare a range without 0 (min, max), or test the divisor before dividing"
                        + " by it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"customer.debt / half > 1.0", "customer.debt / age > 1.0",
            "customer.debt / double(customer.age) > 1.0",
            "customer.income > 0.0 && customer.debt / customer.income > 0.4",
            "customer.debt / customer.income > 0.4 && 0 < customer.children && customer.income > 0.0",
            "has_income && ratio > 0.4", "!(has_income) || ratio > 0.4", "!has_income || ratio > 0.4",
            "(has_income ? ratio : 1.0) > 0.4", "customer.children != 0 && 100 / customer.children > 1",
            "!(customer.children == 0) && 100 % customer.children > 1",
            "customer.children == 0 || 100 / (2 * customer.children) > 1",
            "customer.debt / (customer.income + 1.0) > 0.4", "customer.debt / (2.0 - customer.change) > 0.4",
            "customer.debt / -max(1.0, customer.income) > 0.4",
            "has_income && customer.debt / (customer.income * age / 2.0) > 0.4",
            "customer.debt / min(5.0, age) > 0.4"})
    void understandsRangesAndGuards(String when) {
        assertThat(parse(when).findings()).extracting(Finding::message)
                .noneMatch(message -> message.contains("divides"));
    }

    @Test
    void warnsOfScoresAndSegmentsToo() {
        Strategy strategy = Strategy.parse("""
                strategy: sample
                attributes:
                  customer: {income: double}
                  offer: {price: double}
                segments:
                  rich: 1.0 / customer.income < 1.0
                rank:
                  candidates: [{offer: 1, weight: 1.0 / offer.price}]
                  score: [{term: fit, weight: 1, value: customer.income / offer.price}]
                otherwise: 2
                """, 1);

        assertThat(strategy.findings()).extracting(finding -> finding.message().split(", which")[0]).containsExactly(
                "segment rich divides by customer.income", "weight divides by offer.price",
                "value divides by offer.price");
    }
}
