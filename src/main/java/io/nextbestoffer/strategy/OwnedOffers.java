package io.nextbestoffer.strategy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;

/**
 * The offers that a customer owns: their ids or names, compared without regard to case, and the categories of those
 * that the catalog has.
 */
record OwnedOffers(Set<String> keys, Set<String> categories) {

    static final OwnedOffers NONE = new OwnedOffers(Set.of(), Set.of());

    static OwnedOffers of(List<?> idsOrNames, Categories byOffer) {
        var keys = new HashSet<String>();
        var categories = new HashSet<String>();
        for (Object idOrName : idsOrNames) {
            String key = key((String) idOrName);
            keys.add(key);
            categories.addAll(byOffer.of(key));
        }
        return new OwnedOffers(keys, categories);
    }

    boolean has(Offer offer) {
        return !keys.isEmpty() && (keys.contains(key(offer.id().text())) || keys.contains(key(offer.name())));
    }

    boolean hasCategoryOf(Offer offer) {
        return offer.category() != null && categories.contains(offer.category());
    }

    private static String key(String idOrName) {
        return idOrName.strip().toLowerCase(Locale.ROOT);
    }

    /** The categories of a catalog's offers by their ids and names. A name can belong to several offers. */
    static final class Categories {
        private final Map<String, Set<String>> byKey = new HashMap<>();

        Categories(Catalog catalog) {
            catalog.offers().values().stream().filter(offer -> offer.category() != null).forEach(offer -> {
                for (String idOrName : List.of(offer.name(), offer.id().text())) {
                    byKey.computeIfAbsent(key(idOrName), key -> new HashSet<>()).add(offer.category());
                }
            });
        }

        private Set<String> of(String key) {
            return byKey.getOrDefault(key, Set.of());
        }
    }
}
