package io.nextbestoffer.benchmark.peer;

/**
 * A change as Debezium writes it.
 *
 * @param after null if the customer was deleted
 */
public record PeerChange(PeerCustomer after) {
}
