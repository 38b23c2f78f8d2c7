/** The figures of a simulation: pure counting, without a framework. */
@NullMarked
package io.nextbestoffer.simulation.report;

import org.jspecify.annotations.NullMarked;
