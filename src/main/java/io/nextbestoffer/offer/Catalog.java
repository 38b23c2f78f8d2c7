package io.nextbestoffer.offer;

import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * All offers at one moment, immutable.
 *
 * @param revision grows with each change of an offer
 */
public record Catalog(long revision, Map<Id, Offer> offers) {

    public Catalog {
        offers = Map.copyOf(offers);
    }

    public @Nullable Offer get(Id id) {
        return offers.get(id);
    }

    /** Those of the ids that are no offers. */
    public Collection<Id> missing(Collection<Id> ids) {
        return ids.stream().filter(id -> !offers.containsKey(id)).toList();
    }
}
