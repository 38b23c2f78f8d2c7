/**
 * An application that the benchmark compares with the service: next best offers of a bank with Kafka Streams, as a
 * good team would write it.
 */
package io.nextbestoffer.benchmark.streams;
