package io.nextbestoffer.offer;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;

/**
 * What can be offered; "no offer" is one of them.
 *
 * @param url where the customer goes on
 * @param category for example {@code savings}
 */
public record Offer(Id id, String name, String url, @Nullable String category) {
}
