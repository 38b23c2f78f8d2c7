package io.nextbestoffer.decision;

import java.time.Instant;
import java.util.UUID;

import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.offer.Offer;
import io.nextbestoffer.strategy.Inputs;
import io.nextbestoffer.strategy.Strategy;

/**
 * The offer for one activity, and what it was decided from.
 *
 * @param id follows from the activity's position in its topic
 * @param rule that decided
 * @param activityTime Kafka's timestamp of the activity
 */
public record Decision(UUID id, Activity activity, Offer offer, Strategy strategy, String rule, Inputs inputs,
        Instant activityTime, Instant decidedAt) {
}
