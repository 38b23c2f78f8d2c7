package io.nextbestoffer.strategy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;

/** The shipped document, and short documents around one expression. */
final class Samples {

    private Samples() {
    }

    static Strategy banking() {
        return Strategy.parse(bankingDocument());
    }

    static String bankingDocument() {
        try (var in = Samples.class.getResourceAsStream("/strategies/banking.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Activity activity(Map<String, ?> attributes) {
        return new Activity(Id.of(7), Id.of(1), Attributes.of(attributes));
    }

    static Customer customer(Map<String, ?> attributes) {
        return new Customer(Id.of(1), Attributes.of(attributes));
    }

    static Activity deposit(double propensity) {
        return activity(Map.of("activity_type", "deposit", "propensity_to_buy", propensity));
    }

    static Customer customer(long income, long fico) {
        return customer(Map.of("income", income, "fico", fico));
    }

    /** One rule, its expression in line 10 from column 11 on. */
    static String rule(String when) {
        return """
                strategy: sample
                version: 1
                attributes:
                  activity: {p: double, kind: string}
                  customer: {income: int, active: boolean}
                output:
                  - customer.income
                rules:
                  - rule: only
                    when: %s
                    offer: yes-please
                otherwise: no-thanks
                """.formatted(when);
    }
}
