package io.nextbestoffer.decision;

import java.time.Instant;
import java.util.UUID;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Choice;
import io.nextbestoffer.strategy.Strategy;
import io.nextbestoffer.strategy.input.Inputs;

/**
 * The offer for one activity, with the inputs of the decision.
 *
 * @param id made from the activity's position in its topic
 * @param catalogRevision the revision of the catalog from which the offer was chosen
 * @param activityTime Kafka's timestamp of the activity
 */
public record Decision(UUID id, Activity activity, Choice choice, Strategy strategy, long catalogRevision,
        Inputs inputs, Instant activityTime, Instant decidedAt) {

    public Offer offer() {
        return choice.offer();
    }

    public String rule() {
        return choice.rule();
    }
}
