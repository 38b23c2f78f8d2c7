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
 * Waits until all has settled, and finds what is wrong then: every record sent is exactly one of offer, dead letter
 * or parked; what is stored of a customer is what went out last; what is known of him is what the bank has.
 */
final class ExactlyOnceProof {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** In which a change that is in the database reaches the memory of every replica, mostly. */
    private static final Duration SPREADING = Duration.ofSeconds(1);
    private static final int SAMPLE = 150;

    private final ChangingBank bank;
    private final FaultLoad load;
    private final RecordLedger records;
    private final LookupLoad lookups;
    private final ServiceTables store;

    ExactlyOnceProof(ChangingBank bank, FaultLoad load, RecordLedger records, LookupLoad lookups, ServiceTables store) {
        this.bank = bank;
        this.load = load;
        this.records = records;
        this.lookups = lookups;
        this.store = store;
    }

    /** @param parked of customers who are not in the bank @param wrongs what is wrong, for people */
    record Result(int parked, int lost, List<String> wrongs) {
    }

    /** To call when the load has ended and the service is well. */
    Result settle() throws Exception {
        if (!holdsWithin(LIMIT, this::customersAreThoseOfTheBank)) {
            records.wrong("the service's customers are not those of the bank after %s", LIMIT);
        }
        List<SentActivity> lost = await();
        oneMoreOfThoseWhoChanged();
        // By now all replicas have seen who went
        List<SentActivity> gone = sendTo(customer -> !customer.present && customer.everDeleted);
        load.await(LIMIT);
        lost.addAll(await());
        gone.stream().filter(one -> one.outcome == SentActivity.Outcome.OFFER)
                .forEach(one -> records.wrong("an offer for a customer who was deleted long ago: %s", one));
        lost.forEach(one -> records.wrong("lost: %s", one));
        records.giveUp(lost);
        compareLatestOffers();
        lookups.match();
        return new Result(records.open().size(), lost.size(), records.takeWrongs());
    }

    /** Nothing waits any more, for ever. */
    boolean nothingIsParked() throws SQLException {
        records.match();
        return records.open().isEmpty() && store.parked().isEmpty() && store.numbered() == 0;
    }

    boolean customersAreThoseOfTheBank() throws SQLException {
        return store.customers().equals(bank.customers());
    }

    /** @return those nothing has become of */
    private List<SentActivity> await() throws Exception {
        List<SentActivity> missing = new ArrayList<>();
        if (!holdsWithin(LIMIT, () -> {
            missing.clear();
            missing.addAll(missing());
            return missing.isEmpty();
        })) {
            return new ArrayList<>(missing);
        }
        // Something that comes out twice may do so a little later; and what has come out must not stay parked
        if (!holdsWithin(Duration.ofSeconds(20), () -> store.numbered() == 0 && bothOutAndParked().isEmpty())) {
            records.wrong("still parked although it came out: %s", bothOutAndParked());
        }
        return new ArrayList<>();
    }

    private List<SentActivity> missing() throws SQLException {
        // First what is parked: what goes out in between is then seen on the topic
        Set<String> parked = store.parked();
        records.match();
        return records.open().stream().filter(one -> one.customer.present
                || !parked.contains(one.partition + "/" + one.offset)).toList();
    }

    private List<String> bothOutAndParked() throws SQLException {
        records.match();
        List<String> both = new ArrayList<>();
        for (String position : store.parked()) {
            String[] parts = position.split("/");
            SentActivity one = records.at(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
            if (one == null || one.outcome != null) {
                both.add(position + " " + one);
            }
        }
        return both;
    }

    /**
     * Who came again has no offer stored before his next activity, and whose profile changed may have had all his
     * offers before.
     */
    private void oneMoreOfThoseWhoChanged() throws Exception {
        Thread.sleep(SPREADING.toMillis());
        List<SentActivity> back = sendTo(customer -> customer.present && customer.everDeleted);
        List<SentActivity> changed = sendTo(customer -> customer.profiles.size() > 1 && !customer.everDeleted);
        changed.addAll(back);
        load.await(LIMIT);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!changed.isEmpty()) {
            Thread.sleep(200);
            records.match();
            changed.removeIf(one -> one.outcome != null && one.version == one.customer.profiles.size() - 1);
            // A cache may be a moment late, but must not stay so
            List<SentActivity> stale = changed.stream().filter(one -> one.outcome != null).toList();
            changed.removeAll(stale);
            if (System.nanoTime() > deadline) {
                stale.forEach(one -> records.wrong("still decided with an old profile: %s", one));
                return; // whoever has no outcome yet is found to be missing
            }
            stale.forEach(one -> changed.add(load.send(one.customer)));
        }
    }

    private List<SentActivity> sendTo(Predicate<ChangingBank.Customer> which) {
        return new ArrayList<>(bank.all().values().stream().filter(which)
                .sorted((one, other) -> other.id - one.id).limit(SAMPLE).map(load::send).toList());
    }

    private void compareLatestOffers() throws SQLException {
        Map<Integer, String> right = new HashMap<>(records.lastOffers());
        Map<Integer, String> stored = store.latestOffers();
        for (ChangingBank.Customer customer : bank.all().values()) {
            String last = right.remove(customer.id);
            String is = stored.remove(customer.id);
            boolean mayHaveNone = !customer.present || customer.everDeleted && beyondTheSample(customer);
            boolean well = is == null
                    ? last == null || mayHaveNone
                    : is.equals(last) && customer.present;
            if (!well) {
                records.wrong("stored of customer %d%s: %s, went out last: %s", customer.id,
                        customer.present ? "" : ", who is not in the bank", is, last);
            }
        }
        if (!right.isEmpty() || !stored.isEmpty()) {
            records.wrong("offers of customers who never were: %s, %s", right.keySet(), stored.keySet());
        }
    }

    /** Came again and had no activity since, perhaps. */
    private boolean beyondTheSample(ChangingBank.Customer customer) {
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
