/** Activities of customers: the record, its encoding, and {@code POST /activities}. */
@NullMarked
package io.nextbestoffer.activity;

import org.jspecify.annotations.NullMarked;
