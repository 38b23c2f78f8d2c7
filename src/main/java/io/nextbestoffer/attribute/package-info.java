/** Ids and open, typed attributes: what activities, customers and offers are made of, and how they are read from JSON. */
@NullMarked
package io.nextbestoffer.attribute;

import org.jspecify.annotations.NullMarked;
