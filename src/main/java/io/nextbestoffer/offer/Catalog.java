package io.nextbestoffer.offer;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * All offers at one moment. Immutable.
 *
 * @param revision increases with each change of an offer
 */
public record Catalog(long revision, Map<Id, Offer> offers) {

    /** Orders numeric ids first, by value, and then the others as text. */
    public static final Comparator<Id> ORDER = Comparator.comparing((Id id) -> !id.number())
            .thenComparing(id -> id.number() ? Long.parseLong(id.text()) : 0L).thenComparing(Id::text);

    public Catalog {
        offers = Map.copyOf(offers);
    }

    public @Nullable Offer get(Id id) {
        return offers.get(id);
    }

    /** Returns those ids that this catalog does not contain. */
    public Collection<Id> missing(Collection<Id> ids) {
        return ids.stream().filter(id -> !offers.containsKey(id)).toList();
    }
}
