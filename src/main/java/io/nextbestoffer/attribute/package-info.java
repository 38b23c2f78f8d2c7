/** Ids and open, typed attributes of activities, customers and offers, and their JSON. */
@NullMarked
package io.nextbestoffer.attribute;

import org.jspecify.annotations.NullMarked;
