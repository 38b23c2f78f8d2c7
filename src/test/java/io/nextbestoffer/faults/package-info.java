/**
 * Faults of production, provoked under load with real processes, and the proof that no record was lost, duplicated or
 * reordered.
 */
package io.nextbestoffer.faults;
