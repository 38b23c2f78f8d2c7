/** The bank's customers: reads their changes, stores and caches their profiles, serves {@code GET /customers}. */
@NullMarked
package io.nextbestoffer.customer;

import org.jspecify.annotations.NullMarked;
