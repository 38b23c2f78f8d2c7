package io.nextbestoffer.benchmark.streams;

/** For the test that holds the peer's rules to the harness's. */
public final class PeerRules {
    private PeerRules() {
    }

    /** @return the number of the offer */
    public static int offer(double propensityToBuy, int income, int fico) {
        return Product.bestFor(new Activity(0, 0, "deposit", propensityToBuy), new Customer(income, fico)).id;
    }
}
