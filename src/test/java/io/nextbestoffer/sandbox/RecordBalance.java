package io.nextbestoffer.sandbox;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What went in and what came out, record by record: in = offers + parked + dead-lettered.
 */
final class RecordBalance {

    /** @param missing came out as nothing; @param duplicated came out more than once */
    record Balance(int sent, int offers, int parked, int deadLettered, int missing, int duplicated) {
        boolean isEven() {
            return missing == 0 && duplicated == 0;
        }

        @Override
        public String toString() {
            return "sent=" + sent + " offers=" + offers + " parked=" + parked + " dead-lettered=" + deadLettered
                    + " missing=" + missing + " duplicated=" + duplicated;
        }
    }

    private final boolean open;
    private final Set<InputPosition> sent = new HashSet<>();
    // Counted whether known as sent or not: an offer can be here before the broker's word about its activity.
    private final Map<UUID, Integer> offers = new HashMap<>();
    private final Map<InputPosition, Integer> deadLetters = new HashMap<>();

    /** @param open whether to keep the books at all: they grow with each record */
    RecordBalance(boolean open) {
        this.open = open;
    }

    synchronized void sent(InputPosition position) {
        if (open) {
            sent.add(position);
        }
    }

    synchronized void offer(UUID decisionId) {
        if (open) {
            offers.merge(decisionId, 1, Integer::sum);
        }
    }

    synchronized void deadLetter(InputPosition position) {
        if (open) {
            deadLetters.merge(position, 1, Integer::sum);
        }
    }

    /** Of what the sandbox sent; what others sent is not its business. */
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
