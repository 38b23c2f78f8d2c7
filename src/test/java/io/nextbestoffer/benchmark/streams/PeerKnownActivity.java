package io.nextbestoffer.benchmark.streams;

import io.nextbestoffer.benchmark.peer.PeerActivity;
import io.nextbestoffer.benchmark.peer.PeerCustomer;

/** An activity with its customer. */
record PeerKnownActivity(PeerActivity activity, PeerCustomer customer) {
}
