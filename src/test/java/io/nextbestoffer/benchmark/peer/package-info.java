/**
 * What the two applications share that the benchmark compares with the service: the bank's records, as they are on the
 * topics, and its rules in plain Java.
 */
package io.nextbestoffer.benchmark.peer;
