package io.nextbestoffer.benchmark.streams;

/**
 * A change as Debezium writes it.
 *
 * @param after null if the customer was deleted
 */
record PeerChange(PeerCustomer after) {
}
