package io.nextbestoffer.sandbox;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Compares input and output record by record: sent = offers + parked + dead-lettered.
 */
final class RecordBalance {

    /**
     * @param missing records without any outcome
     * @param duplicated records with more than one outcome
     */
    record Balance(int sent, int offers, int parked, int deadLettered, int missing, int duplicated) {
        boolean isComplete() {
            return missing == 0 && duplicated == 0;
        }

        @Override
        public String toString() {
            return "sent=" + sent + " offers=" + offers + " parked=" + parked + " dead-lettered=" + deadLettered
                    + " missing=" + missing + " duplicated=" + duplicated;
        }
    }

    private final boolean enabled;
    private final Set<InputPosition> sent = new HashSet<>();
    // Includes offers whose activity is not in "sent" yet: an offer can arrive before the broker acknowledges its
    // activity.
    private final Map<UUID, Integer> offers = new HashMap<>();
    private final Map<InputPosition, Integer> deadLetters = new HashMap<>();

    /** @param enabled whether to count at all: memory grows with each record */
    RecordBalance(boolean enabled) {
        this.enabled = enabled;
    }

    synchronized void sent(InputPosition position) {
        if (enabled) {
            sent.add(position);
        }
    }

    synchronized void offer(UUID decisionId) {
        if (enabled) {
            offers.merge(decisionId, 1, Integer::sum);
        }
    }

    synchronized void deadLetter(InputPosition position) {
        if (enabled) {
            deadLetters.merge(position, 1, Integer::sum);
        }
    }

    /** Balance of the records that the sandbox sent, ignoring those of other producers. */
    synchronized Balance balance(Set<InputPosition> parkedNow) {
        int offered = 0;
        int parked = 0;
        int dead = 0;
        int missing = 0;
        int duplicated = 0;
        for (InputPosition position : sent) {
            int asOffer = offers.getOrDefault(position.decisionId(), 0);
            int asParked = parkedNow.contains(position) ? 1 : 0;
            int asDead = deadLetters.getOrDefault(position, 0);
            offered += asOffer > 0 ? 1 : 0;
            parked += asParked;
            dead += asDead > 0 ? 1 : 0;
            int all = asOffer + asParked + asDead;
            missing += all == 0 ? 1 : 0;
            duplicated += all > 1 ? 1 : 0;
        }
        return new Balance(sent.size(), offered, parked, dead, missing, duplicated);
    }
}
