package io.nextbestoffer.benchmark.streams;

/** An activity and who did it. */
record PeerKnownActivity(PeerActivity activity, PeerCustomer customer) {
}
