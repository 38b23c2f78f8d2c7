/** Hostile records by the thousand: valid ones of every wire shape, and what a seeded generator makes of them. */
package io.nextbestoffer.fuzz;
