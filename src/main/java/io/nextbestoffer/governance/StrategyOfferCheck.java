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

/** An offer must not be changed so that a strategy which is active, or will be in a moment, could not decide any more. */
@ApplicationScoped
class StrategyOfferCheck implements OfferCheck {

    private final ActiveStrategyCache documents;
    private final Offers offers;

    StrategyOfferCheck(ActiveStrategyCache documents, Offers offers) {
        this.documents = documents;
        this.offers = offers;
    }

    @Override
    public void check(Offer changed, BiConsumer<String, String> violation) {
        Catalog catalog = offers.current();
        if (catalog == null) {
            return; // readiness says so; what the change leads to it says later
        }
        Set<Strategy> strategies = new HashSet<>();
        documents.currentAndComing().forEach(active -> strategies.addAll(active.strategies().values()));
        check(strategies, catalog, changed, violation);
    }

    static void check(Set<Strategy> strategies, Catalog catalog, Offer changed, BiConsumer<String, String> violation) {
        var offers = new HashMap<Id, Offer>(catalog.offers());
        offers.put(changed.id(), changed);
        var after = new Catalog(catalog.revision(), offers);
        for (Strategy strategy : strategies) {
            List<String> before = strategy.obstacles(catalog);
            strategy.obstacles(after).stream().filter(error -> !before.contains(error))
                    .forEach(
                            error -> violation.accept("", "strategy " + strategy.name() + " could not decide any more: "
                                    + error));
        }
    }

    /** Who activates a strategy locks the catalog's revision, as this transaction has: nobody is at it now. */
    @Override
    public Uni<Void> confirm(SqlConnection transaction) {
        return documents.confirm(transaction);
    }
}
