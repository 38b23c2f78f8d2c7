package io.nextbestoffer.benchmark.streams;

/** What the rules need of a customer: the less the state store holds, the less is read for each activity. */
record PeerCustomer(int income, int fico) {
}
