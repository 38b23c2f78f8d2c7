package io.nextbestoffer.simulation.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.simulation.report.SimulationReport.OfferShare;

/** Counts of some of the decisions. Not thread-safe. */
final class GroupStats {

    private static final class Count {

        private long before;
        private long after;
    }

    private final Map<Id, Count> offers = new HashMap<>();
    private final DistinctCustomers people;
    private long size;
    private long selectedBefore;
    private long selectedAfter;

    /** @param people how many different customers are enough: see {@link #hasPeople} */
    GroupStats(int people) {
        this.people = new DistinctCustomers(people);
    }

    /** @param customer null: somebody else each time */
    void add(@Nullable String customer, DecidedOffer before, DecidedOffer after) {
        people.add(customer);
        size++;
        selectedBefore += before.selected() ? 1 : 0;
        selectedAfter += after.selected() ? 1 : 0;
        count(before.offer()).before++;
        count(after.offer()).after++;
    }

    /** @param other that counts as many people as this */
    void add(GroupStats other) {
        people.add(other.people);
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

    /** Of decisions. */
    long size() {
        return size;
    }

    /** Whether they are of so many different customers. */
    boolean hasPeople(int some) {
        return people.atLeast(some);
    }

    SelectionRate before() {
        return new SelectionRate(selectedBefore, size);
    }

    SelectionRate after() {
        return new SelectionRate(selectedAfter, size);
    }

    /** In the order of the offers' ids. */
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
