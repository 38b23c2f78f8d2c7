/**
 * {@code ./mvnw -Pbenchmark}: measures the packaged service, by itself and beside a Kafka Streams application of the
 * same logic.
 */
package io.nextbestoffer.benchmark;
