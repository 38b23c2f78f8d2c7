package io.nextbestoffer.governance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Strategy;

/**
 * Checks changes against a strategy that ranks offers of category {@code loan} by margin, and otherwise chooses the
 * offer {@code none}.
 */
class StrategyOfferCheckTest {

    private static final Strategy RANKING = Strategy.parse("""
            strategy: ranking
            attributes:
              offer: {margin: double}
            rank:
              candidates: [{category: loan}]
              score: [{term: margin, weight: 1, value: offer.margin}]
            otherwise: none
            """, 1);
    private static final Attributes MARGIN = new Attributes.Builder().add("margin", 0.5).build();
    private static final Catalog CATALOG = catalog(offer("none", null, Attributes.NONE, null),
            offer("home", "loan", MARGIN, null));

    private static Offer offer(String id, @Nullable String category, Attributes attributes,
            @Nullable Instant validUntil) {
        return new Offer(Id.of(id), id, "http://x", category, attributes, null, validUntil);
    }

    private static Catalog catalog(Offer... offers) {
        return new Catalog(1, Map.of(offers[0].id(), offers[0], offers[1].id(), offers[1]));
    }

    private static List<String> violations(Catalog catalog, Offer changed) {
        var violations = new ArrayList<String>();
        StrategyOfferCheck.check(Set.of(RANKING), catalog, changed, (field, message) -> violations.add(message));
        return violations;
    }

    @Test
    void acceptsChangesThatStrategiesCanHandle() {
        assertThat(violations(CATALOG, offer("home", "loan", MARGIN, Instant.EPOCH))).isEmpty();
        assertThat(violations(CATALOG, offer("new", "loan", MARGIN, null))).isEmpty();
        assertThat(violations(CATALOG, offer("other", "savings", Attributes.NONE, null))).isEmpty();
    }

    @Test
    void rejectsAMissingAttributeOrOneOfAnotherType() {
        var text = new Attributes.Builder().add("margin", "high").build();

        assertThat(violations(CATALOG, offer("home", "loan", Attributes.NONE, null))).containsExactly(
                "strategy ranking could no longer decide: offer home: offer.margin is missing");
        assertThat(violations(CATALOG, offer("new", "loan", text, null))).containsExactly("strategy ranking could"
                + " no longer decide: offer new: offer.margin must be a double, not a string");
    }

    @Test
    void rejectsAValidityPeriodOfTheOtherwiseOffer() {
        assertThat(violations(CATALOG, offer("none", null, Attributes.NONE, Instant.EPOCH)))
                .singleElement().asString().contains("offer none is chosen if nothing else is");
    }

    @Test
    void ignoresProblemsThatExistedBefore() {
        var broken = catalog(offer("none", null, Attributes.NONE, null), offer("home", "loan", Attributes.NONE, null));

        assertThat(violations(broken, offer("home", "loan", Attributes.NONE, Instant.EPOCH))).isEmpty();
        assertThat(violations(broken, offer("home", "loan", MARGIN, null))).isEmpty();
    }
}
