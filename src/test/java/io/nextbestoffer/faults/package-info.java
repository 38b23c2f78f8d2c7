/**
 * Provokes faults of production under load with real processes, and proves that no record was lost, duplicated or
 * reordered.
 */
package io.nextbestoffer.faults;
