/** Generates hostile records: valid ones of every shape, damaged by a seeded generator. */
package io.nextbestoffer.fuzz;
