package io.nextbestoffer.benchmark.streams;

/**
 * A change as Debezium writes it.
 *
 * @param after null: the customer was deleted
 */
record PeerChange(PeerCustomer after) {
}
