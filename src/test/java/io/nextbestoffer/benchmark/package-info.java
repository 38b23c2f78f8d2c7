/**
 * The benchmark, {@code ./mvnw -Pbenchmark}: measures the packaged service alone and in comparison with a Kafka Streams
 * application of the same logic.
 */
package io.nextbestoffer.benchmark;
