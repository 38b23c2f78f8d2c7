package io.nextbestoffer.governance;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.offer.OfferCheck;
import io.nextbestoffer.offer.Offers;
import io.nextbestoffer.strategy.Strategy;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Rejects a change of an offer that would prevent an active or scheduled strategy from deciding. */
@ApplicationScoped
class StrategyOfferCheck implements OfferCheck {

    private final ActiveStrategyCache activeStrategies;
    private final Offers offers;

    StrategyOfferCheck(ActiveStrategyCache activeStrategies, Offers offers) {
        this.activeStrategies = activeStrategies;
        this.offers = offers;
    }

    @Override
    public void check(Offer changed, BiConsumer<String, String> violation) {
        Catalog catalog = offers.current();
        if (catalog == null) {
            return; // readiness reports it now, and later any obstacle that the change causes
        }
        Set<Strategy> strategies = new HashSet<>();
        activeStrategies.currentAndScheduled().forEach(active -> strategies.addAll(active.strategies().values()));
        check(strategies, catalog, changed, violation);
    }

    static void check(Set<Strategy> strategies, Catalog catalog, Offer changed, BiConsumer<String, String> violation) {
        var offers = new HashMap<Id, Offer>(catalog.offers());
        offers.put(changed.id(), changed);
        var after = new Catalog(catalog.revision(), offers);
        for (Strategy strategy : strategies) {
            List<String> before = strategy.obstacles(catalog);
            strategy.obstacles(after).stream().filter(error -> !before.contains(error))
                    .forEach(error -> violation.accept("",
                            "strategy " + strategy.name() + " could no longer decide: " + error));
        }
    }

    /** An activation locks the catalog's revision, which this transaction holds: none can be in progress. */
    @Override
    public Uni<Void> confirm(SqlConnection transaction) {
        return activeStrategies.confirm(transaction);
    }
}
