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
 * @param attributes what strategies can look at, for example {@code min_income}
 * @param validFrom null: from ever
 * @param validUntil the first moment at which it is over; null: never
 */
public record Offer(Id id, String name, String url, @Nullable String category, Attributes attributes,
        @Nullable Instant validFrom, @Nullable Instant validUntil) {

    public boolean isValid(Instant at) {
        return (validFrom == null || !at.isBefore(validFrom)) && (validUntil == null || at.isBefore(validUntil));
    }
}
