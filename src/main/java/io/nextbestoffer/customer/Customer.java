package io.nextbestoffer.customer;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * What the service knows of a customer: the bank's row, as change data capture brought it.
 *
 * @param attributes the row without its id, names in lower case
 */
public record Customer(Id id, Attributes attributes) {
}
