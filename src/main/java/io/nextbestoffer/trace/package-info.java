/** Traces of decisions: kept in Postgres, by day, so that any of them can be looked up. */
@NullMarked
package io.nextbestoffer.trace;

import org.jspecify.annotations.NullMarked;
