/** What to recommend to a customer, and the products there are. */
@NullMarked
package io.nextbestoffer.recommendation;

import org.jspecify.annotations.NullMarked;
