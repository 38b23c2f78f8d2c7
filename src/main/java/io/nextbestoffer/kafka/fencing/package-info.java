/** Fencing tokens: only the current owner of a partition writes its results to Postgres. */
@NullMarked
package io.nextbestoffer.kafka.fencing;

import org.jspecify.annotations.NullMarked;
