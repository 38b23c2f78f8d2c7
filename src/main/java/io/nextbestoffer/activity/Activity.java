package io.nextbestoffer.activity;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * Something a customer did.
 *
 * @param id need not be unique: what identifies an input is its position in the topic
 * @param customer who did it
 * @param attributes everything else that came with it, names in lower case
 */
public record Activity(Id id, Id customer, Attributes attributes) {
}
