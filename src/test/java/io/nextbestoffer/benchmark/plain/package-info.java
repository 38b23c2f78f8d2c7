/**
 * The simplest application that could make next best offers, as the practical limit in the benchmark: one consumer, one
 * producer, one upsert per batch, at least once.
 */
package io.nextbestoffer.benchmark.plain;
