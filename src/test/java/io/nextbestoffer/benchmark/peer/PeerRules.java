package io.nextbestoffer.benchmark.peer;

/** Makes the peers' rules accessible to the test that compares them with those of the harness. */
public final class PeerRules {
    private PeerRules() {
    }

    /** Returns the number of the offer. */
    public static int offer(double propensityToBuy, int income, int fico) {
        return PeerProduct.bestFor(new PeerActivity(0, 0, "deposit", propensityToBuy),
                new PeerCustomer(income, fico)).id;
    }
}
