package io.nextbestoffer.benchmark.streams;

/** An activity with its customer. */
record PeerKnownActivity(PeerActivity activity, PeerCustomer customer) {
}
