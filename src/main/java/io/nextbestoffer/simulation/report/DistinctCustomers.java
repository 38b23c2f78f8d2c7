package io.nextbestoffer.simulation.report;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** Counts different customers, up to a limit. Not thread-safe. */
final class DistinctCustomers {

    private final int limit;
    private final Set<String> known = new HashSet<>();
    private int count;

    /** @param limit at least 0; ids are held in memory until it is reached */
    DistinctCustomers(int limit) {
        this.limit = limit;
    }

    /** @param customer null counts as a different customer each time */
    void add(@Nullable String customer) {
        if (count < limit && (customer == null || known.add(customer))) {
            count++;
            forget();
        }
    }

    void add(DistinctCustomers other) {
        if (other.count >= limit) {
            count = limit;
        } else {
            other.known.forEach(this::add);
            count = Math.min(limit, count + other.count - other.known.size());
        }
        forget();
    }

    private void forget() {
        if (count >= limit) {
            known.clear();
        }
    }

    /** @param number at most the limit */
    boolean atLeast(int number) {
        return count >= number;
    }
}
