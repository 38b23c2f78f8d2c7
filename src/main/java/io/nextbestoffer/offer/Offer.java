package io.nextbestoffer.offer;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * An offer of the catalog. "No offer" is one of them.
 *
 * @param url the page that the offer leads to
 * @param category for example {@code savings}
 * @param attributes values that strategies can use in expressions: strings, numbers, booleans and lists of strings
 * @param validFrom the first moment at which it can be made; null: no limit
 * @param validUntil the first moment at which it can no longer be made; null: no limit
 */
public record Offer(Id id, String name, String url, @Nullable String category, Attributes attributes,
        @Nullable Instant validFrom, @Nullable Instant validUntil) {

    /** Whether the offer can be made at this moment: from {@code validFrom} until just before {@code validUntil}. */
    public boolean isValid(Instant at) {
        return (validFrom == null || !at.isBefore(validFrom)) && (validUntil == null || at.isBefore(validUntil));
    }
}
