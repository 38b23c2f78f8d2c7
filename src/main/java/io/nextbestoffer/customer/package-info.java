/** Who the customers are: change data capture in, a bounded cache over Postgres, {@code GET /customers}. */
@NullMarked
package io.nextbestoffer.customer;

import org.jspecify.annotations.NullMarked;
