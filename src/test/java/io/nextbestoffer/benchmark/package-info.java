/**
 * The benchmark, {@code ./mvnw -Pbenchmark}: measures the packaged service alone and in comparison with two
 * applications of the same logic, one with Kafka Streams and one with a plain consumer.
 */
package io.nextbestoffer.benchmark;
