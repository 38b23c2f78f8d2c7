/** Activities of unknown customers: parked in Postgres, and released in order. */
@NullMarked
package io.nextbestoffer.decision.parking;

import org.jspecify.annotations.NullMarked;
