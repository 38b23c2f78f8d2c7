/** Computes the report of a simulation, in plain Java. */
@NullMarked
package io.nextbestoffer.simulation.report;

import org.jspecify.annotations.NullMarked;
