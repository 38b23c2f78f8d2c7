package io.nextbestoffer.faults;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Waits until all activities are processed, and finds violations of three rules: every record sent is exactly one of
 * offer, dead letter and parked activity; the stored offer of a customer is their last one; the profiles are those of
 * the bank.
 */
final class ExactlyOnceProof {

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    /** Time within which a change in the database usually reaches the caches of all replicas. */
    private static final Duration PROPAGATION = Duration.ofSeconds(1);
    private static final int SAMPLE = 150;

    private final ChangingBank bank;
    private final FaultLoad load;
    private final RecordLedger records;
    private final LookupLoad lookups;
    private final ServiceTables tables;

    ExactlyOnceProof(ChangingBank bank, FaultLoad load, RecordLedger records, LookupLoad lookups,
            ServiceTables tables) {
        this.bank = bank;
        this.load = load;
        this.records = records;
        this.lookups = lookups;
        this.tables = tables;
    }

    /**
     * @param parked activities of customers who are not in the bank
     * @param violations descriptions of what is wrong
     */
    record Result(int parked, int lost, List<String> violations) {
    }

    /** To be called when the load has stopped and the service is ready. */
    Result settle() throws Exception {
        if (!holdsWithin(TIMEOUT, this::customersAreThoseOfTheBank)) {
            records.violation("the service's customers are not those of the bank after %s", TIMEOUT);
        }
        List<SentActivity> lost = await();
        decideAgainForChangedCustomers();
        // By now all replicas have seen the deletions
        List<SentActivity> gone = sendTo(customer -> !customer.present && customer.everDeleted);
        load.await(TIMEOUT);
        lost.addAll(await());
        gone.stream().filter(one -> one.outcome == SentActivity.Outcome.OFFER)
                .forEach(one -> records.violation("an offer for a customer who was deleted long ago: %s", one));
        lost.forEach(one -> records.violation("lost: %s", one));
        records.giveUp(lost);
        compareLatestOffers();
        lookups.match();
        return new Result(records.open().size(), lost.size(), records.takeViolations());
    }

    /** Whether every activity has its final outcome. */
    boolean nothingIsParked() throws SQLException {
        records.match();
        return records.open().isEmpty() && tables.parked().isEmpty() && tables.releasing() == 0;
    }

    boolean customersAreThoseOfTheBank() throws SQLException {
        return tables.customers().equals(bank.customers());
    }

    /** Waits for outcomes, and returns the activities without one. */
    private List<SentActivity> await() throws Exception {
        List<SentActivity> missing = new ArrayList<>();
        if (!holdsWithin(TIMEOUT, () -> {
            missing.clear();
            missing.addAll(missing());
            return missing.isEmpty();
        })) {
            return new ArrayList<>(missing);
        }
        // A duplicate may arrive a little later; and an activity with an outcome must not stay parked
        if (!holdsWithin(Duration.ofSeconds(20), () -> tables.releasing() == 0 && parkedWithOutcome().isEmpty())) {
            records.violation("still parked although they have an outcome: %s", parkedWithOutcome());
        }
        return new ArrayList<>();
    }

    private List<SentActivity> missing() throws SQLException {
        // Reads parked activities first: those released in between are then found on the topic
        Set<String> parked = tables.parked();
        records.match();
        return records.open().stream().filter(one -> one.customer.present
                || !parked.contains(one.partition + "/" + one.offset)).toList();
    }

    private List<String> parkedWithOutcome() throws SQLException {
        records.match();
        List<String> both = new ArrayList<>();
        for (String position : tables.parked()) {
            String[] parts = position.split("/");
            SentActivity one = records.at(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
            if (one == null || one.outcome != null) {
                both.add(position + " " + one);
            }
        }
        return both;
    }

    /**
     * Sends activities of changed customers: a customer who returned has no stored offer before their next activity,
     * and all offers of a customer may precede the change of their profile.
     */
    private void decideAgainForChangedCustomers() throws Exception {
        Thread.sleep(PROPAGATION.toMillis());
        List<SentActivity> back = sendTo(customer -> customer.present && customer.everDeleted);
        List<SentActivity> changed = sendTo(customer -> customer.profiles.size() > 1 && !customer.everDeleted);
        changed.addAll(back);
        load.await(TIMEOUT);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!changed.isEmpty()) {
            Thread.sleep(200);
            records.match();
            changed.removeIf(one -> one.outcome != null && one.version == one.customer.profiles.size() - 1);
            // A cache may be briefly out of date, but must not stay so
            List<SentActivity> stale = changed.stream().filter(one -> one.outcome != null).toList();
            changed.removeAll(stale);
            if (System.nanoTime() > deadline) {
                stale.forEach(one -> records.violation("still decided with an old profile: %s", one));
                return; // the next check reports activities without an outcome as missing
            }
            stale.forEach(one -> changed.add(load.send(one.customer)));
        }
    }

    private List<SentActivity> sendTo(Predicate<ChangingBank.Customer> which) {
        return new ArrayList<>(bank.all().values().stream().filter(which)
                .sorted((one, other) -> other.id - one.id).limit(SAMPLE).map(load::send).toList());
    }

    /** Latest offers are a view of the committed offers, so they may be late, but must become right by themselves. */
    private void compareLatestOffers() throws Exception {
        if (!holdsWithin(TIMEOUT, () -> wrongLatestOffers().isEmpty())) {
            wrongLatestOffers().forEach(wrong -> records.violation("%s", wrong));
        }
    }

    private List<String> wrongLatestOffers() throws SQLException {
        List<String> wrong = new ArrayList<>();
        Map<Integer, String> lastOffers = new HashMap<>(records.lastOffers());
        Map<Integer, String> storedOffers = tables.latestOffers();
        for (ChangingBank.Customer customer : bank.all().values()) {
            String last = lastOffers.remove(customer.id);
            String stored = storedOffers.remove(customer.id);
            boolean mayHaveNone = !customer.present || customer.everDeleted && isOutsideTheSample(customer);
            boolean expected = stored == null
                    ? last == null || mayHaveNone
                    : stored.equals(last) && customer.present;
            if (!expected) {
                wrong.add(String.format("stored offer of customer %d%s: %s, last offer on the topic: %s", customer.id,
                        customer.present ? "" : ", who is not in the bank", stored, last));
            }
        }
        if (!lastOffers.isEmpty() || !storedOffers.isEmpty()) {
            wrong.add(String.format("offers of customers who never existed: %s, %s", lastOffers.keySet(),
                    storedOffers.keySet()));
        }
        return wrong;
    }

    /** Whether a customer who returned was left out of the sample, and so may have had no activity since. */
    private boolean isOutsideTheSample(ChangingBank.Customer customer) {
        return bank.all().values().stream().filter(one -> one.present && one.everDeleted && one.id > customer.id)
                .count() >= SAMPLE;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static boolean holdsWithin(Duration limit, Condition condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(500);
        }
        return true;
    }
}
