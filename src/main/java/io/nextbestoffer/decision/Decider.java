package io.nextbestoffer.decision;

import java.time.Instant;
import java.util.UUID;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Inputs;
import io.nextbestoffer.strategy.UndecidableException;

/** Decides: a pure function of its arguments. */
final class Decider {

    private Decider() {
    }

    /** @throws UndecidableException if an attribute the strategy needs is missing or of another type */
    static Decision decide(UUID id, Activity activity, Customer customer, Snapshot snapshot, Instant activityTime,
            Instant now) {
        Inputs inputs = snapshot.strategy().inputs(activity, customer);
        Choice choice = snapshot.strategy().choose(inputs);
        Offer offer = snapshot.catalog().get(choice.offer());
        if (offer == null) {
            throw new IllegalStateException("strategy " + snapshot.strategy().name() + " chooses offer "
                    + choice.offer() + ", which the catalog does not have");
        }
        return new Decision(id, activity, offer, snapshot.strategy(), choice.rule(), inputs, activityTime, now);
    }
}
