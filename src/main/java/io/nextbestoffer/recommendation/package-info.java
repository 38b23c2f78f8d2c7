/** Recommends products to a customer, and lists the products with the rules by which they are offered. */
@NullMarked
package io.nextbestoffer.recommendation;

import org.jspecify.annotations.NullMarked;
