package io.nextbestoffer.customer;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * A customer's profile: the bank's row, as change data capture delivered it.
 *
 * @param attributes the row without its id, names in lower case
 */
public record Customer(Id id, Attributes attributes) {
}
