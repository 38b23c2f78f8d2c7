package io.nextbestoffer.decision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.governance.ActiveStrategies;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Routing;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.AttributeSchema;

/** Provides the strategy, offers and customers of the sample bank. */
final class SampleDecisions {

    private SampleDecisions() {
    }

    static Snapshot bank() {
        return of(strategy(), catalog());
    }

    static Snapshot of(Strategy strategy, Catalog catalog) {
        var routing = new Routing(1, "", new AttributeSchema(List.of()), List.of(), strategy.name(), List.of());
        return new Snapshot(new ActiveStrategies(routing, Map.of(strategy.name(), strategy)), catalog);
    }

    static Strategy strategy() {
        return Strategy.parse(document(), 1);
    }

    /** A strategy whose offers do not contain all inputs of the decision. */
    static Strategy strategyThatKeepsItsInputs() {
        return Strategy.parse(document().replace("  - customer.fico\n", ""), 1);
    }

    private static String document() {
        try (var in = SampleDecisions.class.getResourceAsStream("/strategies/banking.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Catalog catalog() {
        var offers = new LinkedHashMap<Id, Offer>();
        add(offers, 1, "new_savings", "http://google.com.br/magnis/dis/parturient.json");
        add(offers, 2, "new_checking", "https://earthlink.net/in/ante.js");
        add(offers, 3, "new_home_loan", "https://webs.com/in/ante.jpg");
        add(offers, 4, "new_auto_loan", "http://squidoo.com/venenatis/non/sodales/sed/tincidunt/eu.js");
        add(offers, 5, "no_offer", "https://ezinearticles.com/ipsum/primis/in/faucibus/orci/luctus.html");
        return new Catalog(1, offers);
    }

    private static void add(Map<Id, Offer> offers, long id, String name, String url) {
        offers.put(Id.of(id), new Offer(Id.of(id), name, url, null, Attributes.NONE, null, null));
    }

    static Customer customer(long number) {
        long[] incomes = {403646, 109825, 407964};
        long[] ficos = {465, 624, 683};
        int index = (int) number - 1;
        return new Customer(Id.of(number), Attributes.of(Map.of("income", incomes[index], "fico", ficos[index],
                "email", "someone@example.com")));
    }

    static Activity activity(Id id, Id customer, String type, double propensity) {
        return new Activity(id, customer, Attributes.of(
                Map.of("activity_type", type, "propensity_to_buy", propensity, "ip_address", "121.219.110.170")));
    }
}
