package io.nextbestoffer.offer;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * All offers at one moment, immutable.
 *
 * @param revision grows with each change of an offer
 */
public record Catalog(long revision, Map<Id, Offer> offers) {

    /** Numbers first, by their value; then texts. */
    public static final Comparator<Id> ORDER = Comparator.comparing((Id id) -> !id.number())
            .thenComparing(id -> id.number() ? Long.parseLong(id.text()) : 0L).thenComparing(Id::text);

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
