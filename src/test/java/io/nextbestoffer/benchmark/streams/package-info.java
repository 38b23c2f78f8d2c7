/**
 * The peer of the benchmark: the banking next best offer as a Kafka Streams application, as a good team would write it.
 */
package io.nextbestoffer.benchmark.streams;
