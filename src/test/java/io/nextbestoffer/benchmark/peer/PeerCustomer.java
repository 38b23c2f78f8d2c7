package io.nextbestoffer.benchmark.peer;

/**
 * The attributes of a customer that the rules need. No others are stored, because the store is read for each activity.
 */
public record PeerCustomer(int income, int fico) {
}
