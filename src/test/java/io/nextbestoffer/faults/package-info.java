/**
 * Everything that fails in production fails here, under load, with real processes; and the proof that nothing was lost,
 * doubled or misplaced by it.
 */
package io.nextbestoffer.faults;
