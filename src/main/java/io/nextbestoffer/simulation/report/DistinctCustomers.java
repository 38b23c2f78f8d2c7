package io.nextbestoffer.simulation.report;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** Counts different customers, but only until they are enough. Not thread-safe. */
final class DistinctCustomers {

    private final int enough;
    private final Set<String> known = new HashSet<>();
    private int count;

    /** @param enough from 0; up to there they are held in memory */
    DistinctCustomers(int enough) {
        this.enough = enough;
    }

    /** @param customer null: somebody else each time */
    void add(@Nullable String customer) {
        if (count < enough && (customer == null || known.add(customer))) {
            count++;
            forget();
        }
    }

    void add(DistinctCustomers other) {
        if (other.count >= enough) {
            count = enough;
        } else {
            other.known.forEach(this::add);
            count = Math.min(enough, count + other.count - other.known.size());
        }
        forget();
    }

    private void forget() {
        if (count >= enough) {
            known.clear();
        }
    }

    /** @param some not more than are counted */
    boolean atLeast(int some) {
        return count >= some;
    }
}
