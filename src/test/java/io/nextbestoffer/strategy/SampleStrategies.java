package io.nextbestoffer.strategy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.explain.Explanation;
import io.nextbestoffer.strategy.input.Inputs;

/** The shipped documents, and short documents with one expression. */
public final class SampleStrategies {

    static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private SampleStrategies() {
    }

    static Strategy banking() {
        return Strategy.parse(bankingDocument(), 1);
    }

    static String bankingDocument() {
        return resource("/strategies/banking.yaml");
    }

    public static Strategy shipped(String name) {
        return Strategy.parse(resource("/strategies/" + name + ".yaml"), 1);
    }

    public static Catalog shippedCatalog(String name) {
        var offers = (List<?>) JsonReader.value(JsonReader.utf8(resource("/catalogs/" + name + ".json")));
        return catalog(offers.stream().map(offer -> offer((Map<?, ?>) offer)).toArray(Offer[]::new));
    }

    private static Offer offer(Map<?, ?> json) {
        var attributes = (Map<?, ?>) json.get("attributes");
        return new Offer(Id.of("offer_id", json.get("offer_id")), (String) json.get("offer_name"),
                (String) json.get("offer_url"), (String) json.get("category"),
                attributes == null ? Attributes.NONE : JsonReader.attributes(attributes), null, null);
    }

    private static String resource(String path) {
        try (var in = SampleStrategies.class.getResourceAsStream(path)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A chooser with a catalog of all offers that the strategy names. */
    static Chooser chooser(Strategy strategy) {
        return strategy.on(catalog(strategy.offers().stream().map(SampleStrategies::offer).toArray(Offer[]::new)));
    }

    static Catalog catalog(Offer... offers) {
        return new Catalog(1,
                Arrays.stream(offers).collect(Collectors.toMap(Offer::id, Function.identity())));
    }

    static Offer offer(Id id) {
        return new Offer(id, "offer " + id, "", null, Attributes.NONE, null, null);
    }

    static Choice choose(Strategy strategy, Inputs inputs) {
        return chooser(strategy).choose(inputs, NOW);
    }

    static Explanation explain(Strategy strategy, Inputs inputs) {
        return chooser(strategy).explain(inputs, NOW);
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

    /** A strategy with one rule, whose expression begins at line 10, column 11. */
    static String rule(String when) {
        return """
                strategy: sample
                description: one rule
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
