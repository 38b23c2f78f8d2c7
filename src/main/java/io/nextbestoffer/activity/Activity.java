package io.nextbestoffer.activity;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;

/**
 * Something that a customer did.
 *
 * @param id need not be unique: an input is identified by its position in the topic
 * @param attributes all other fields, names in lower case
 */
public record Activity(Id id, Id customer, Attributes attributes) {
}
