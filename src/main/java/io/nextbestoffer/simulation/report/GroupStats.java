package io.nextbestoffer.simulation.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.simulation.report.SimulationReport.OfferShare;

/** Counts of the decisions in a group. Not thread-safe. */
final class GroupStats {

    private static final class Count {

        private long before;
        private long after;
    }

    private final Map<Id, Count> offers = new HashMap<>();
    private final DistinctCustomers customers;
    private long size;
    private long selectedBefore;
    private long selectedAfter;

    /** @param customerLimit number up to which different customers are counted, for {@link #hasCustomers} */
    GroupStats(int customerLimit) {
        customers = new DistinctCustomers(customerLimit);
    }

    /** @param customer null counts as a different customer each time */
    void add(@Nullable String customer, DecidedOffer before, DecidedOffer after) {
        customers.add(customer);
        size++;
        selectedBefore += before.selected() ? 1 : 0;
        selectedAfter += after.selected() ? 1 : 0;
        count(before.offer()).before++;
        count(after.offer()).after++;
    }

    /** @param other counts with the same limit of customers */
    void add(GroupStats other) {
        customers.add(other.customers);
        size += other.size;
        selectedBefore += other.selectedBefore;
        selectedAfter += other.selectedAfter;
        other.offers.forEach((offer, count) -> {
            Count sum = count(offer);
            sum.before += count.before;
            sum.after += count.after;
        });
    }

    private Count count(Id offer) {
        return offers.computeIfAbsent(offer, any -> new Count());
    }

    /** Number of decisions. */
    long size() {
        return size;
    }

    /** Whether the decisions are of at least this many different customers. */
    boolean hasCustomers(int number) {
        return customers.atLeast(number);
    }

    SelectionRate before() {
        return new SelectionRate(selectedBefore, size);
    }

    SelectionRate after() {
        return new SelectionRate(selectedAfter, size);
    }

    /** Returns the shares of the offers, ordered by offer id. */
    List<OfferShare> mix(Function<Id, String> names) {
        return offers.entrySet().stream()
                .sorted((one, other) -> Catalog.ORDER.compare(one.getKey(), other.getKey()))
                .map(entry -> new OfferShare(entry.getKey(), names.apply(entry.getKey()), entry.getValue().before,
                        entry.getValue().after, share(entry.getValue().before), share(entry.getValue().after)))
                .toList();
    }

    double share(long count) {
        return size == 0 ? 0 : (double) count / size;
    }
}
