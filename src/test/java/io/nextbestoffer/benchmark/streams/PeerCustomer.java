package io.nextbestoffer.benchmark.streams;

/**
 * The attributes of a customer that the rules need. No others are stored, because the store is read for each activity.
 */
record PeerCustomer(int income, int fico) {
}
