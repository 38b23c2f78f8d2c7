package io.nextbestoffer.offer;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * What can be offered; "no offer" is one of them.
 *
 * @param url where the customer goes on
 * @param category for example {@code savings}
 * @param attributes what strategies may ask of an offer: strings, numbers, booleans and lists of strings
 * @param validFrom when it begins to hold; null: it always did
 * @param validUntil when it no longer holds; null: never
 */
public record Offer(Id id, String name, String url, @Nullable String category, Attributes attributes,
        @Nullable Instant validFrom, @Nullable Instant validUntil) {

    /** Whether it may be made at this moment: from {@code validFrom} on, before {@code validUntil}. */
    public boolean isValid(Instant at) {
        return (validFrom == null || !at.isBefore(validFrom)) && (validUntil == null || at.isBefore(validUntil));
    }
}
