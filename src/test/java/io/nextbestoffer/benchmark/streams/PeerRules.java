package io.nextbestoffer.benchmark.streams;

/** For the test that holds the peer's rules to the harness's. */
public final class PeerRules {
    private PeerRules() {
    }

    /** @return the number of the offer */
    public static int offer(double propensityToBuy, int income, int fico) {
        return PeerProduct.bestFor(new PeerActivity(0, 0, "deposit", propensityToBuy),
                new PeerCustomer(income, fico)).id;
    }
}
