package io.nextbestoffer.faults;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.nextbestoffer.sandbox.SandboxPostgres;

/** The bank's customers: inserts, changes and deletes them, and keeps their history for the proof. */
final class ChangingBank implements AutoCloseable {

    private static final int STEADY = 1_000;
    private static final int CHANGING = 150;
    private static final int DELETABLE = 150;

    /** The attributes of a customer that a decision uses. */
    record Profile(int income, int fico) {
    }

    /** A customer and their history. */
    static final class Customer {

        final int id;
        /**
         * All versions of the profile. Each is added before it is written to the bank, so the service can't know any
         * other.
         */
        final List<Profile> profiles = new CopyOnWriteArrayList<>();
        /** Time of their first row in the bank, in terms of {@link System#nanoTime()}. */
        final long arrivesAt;
        volatile boolean present;
        volatile boolean everDeleted;
        private volatile boolean leaving;
        private volatile boolean returns;

        Customer(int id, long arrivesAt, Profile first) {
            this.id = id;
            this.arrivesAt = arrivesAt;
            profiles.add(first);
        }

        Profile latest() {
            return profiles.get(profiles.size() - 1);
        }

        boolean isAwaited() {
            return System.nanoTime() < arrivesAt;
        }
    }

    private interface Change {
        void apply(Connection bank) throws SQLException;
    }

    private final SandboxPostgres postgres;
    private final Duration lateness;
    private final Map<Integer, Customer> all = new ConcurrentHashMap<>();
    private final List<Customer> steady;
    private final List<Customer> changing;
    private final List<Customer> deletable;
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile boolean closed;
    private Connection connection;
    private final AtomicInteger nextNewcomer = new AtomicInteger(1_000_000);

    ChangingBank(SandboxPostgres postgres, Duration lateness) throws SQLException {
        this.postgres = postgres;
        this.lateness = lateness;
        Random random = new Random(3);
        steady = create(10_000, STEADY, random);
        changing = create(20_000, CHANGING, random);
        deletable = new CopyOnWriteArrayList<>(create(30_000, DELETABLE, random));
        try (Connection bank = postgres.connectToBank(); PreparedStatement insert = insert(bank)) {
            for (Customer customer : all.values()) {
                set(insert, customer.id, customer.latest());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        all.values().forEach(customer -> customer.present = true);
    }

    private List<Customer> create(int first, int count, Random random) {
        List<Customer> created = new CopyOnWriteArrayList<>();
        for (int id = first; id < first + count; id++) {
            created.add(add(id, System.nanoTime(), random));
        }
        return created;
    }

    private Customer add(int id, long arrivesAt, Random random) {
        Customer customer = new Customer(id, arrivesAt, profile(random));
        all.put(id, customer);
        return customer;
    }

    private static Profile profile(Random random) {
        return new Profile(random.nextInt(200_000), 300 + random.nextInt(550));
    }

    List<Customer> steady() {
        return steady;
    }

    /** Customers who are never deleted, but whose profiles change. */
    List<Customer> changing() {
        return changing;
    }

    /** Customers who are deleted at some time; some of them return. */
    List<Customer> deletable() {
        return deletable;
    }

    Map<Integer, Customer> all() {
        return all;
    }

    /** A customer who is inserted some time later. One in eight is deleted at once, some in the same transaction. */
    Customer newcomer(Random random) {
        Duration until = Duration.ofMillis(1 + (long) (random.nextDouble() * lateness.toMillis()));
        Customer customer = add(nextNewcomer.getAndIncrement(), System.nanoTime() + until.toNanos(), random);
        boolean brief = random.nextInt(8) == 0;
        boolean atOnce = brief && random.nextBoolean();
        customer.everDeleted = brief;
        schedule(until, bank -> {
            bank.setAutoCommit(!atOnce);
            store(bank, customer);
            if (brief) {
                delete(bank, customer);
            }
            if (atOnce) {
                bank.commit();
                bank.setAutoCommit(true);
            }
            customer.present = !brief;
            if (!brief && customer.id % 4 == 0) {
                makeDeletable(customer);
            }
        });
        return customer;
    }

    /** Writes the customer's latest profile to the bank. */
    void storeLatestProfile(Customer customer) {
        schedule(Duration.ZERO, bank -> store(bank, customer));
    }

    /** A customer who is inserted after this time, and stays. */
    Customer newcomerAfter(Duration until) {
        int id = nextNewcomer.getAndIncrement();
        Customer customer = add(id, System.nanoTime() + until.toNanos(), new Random(id));
        schedule(until, bank -> {
            store(bank, customer);
            customer.present = true;
        });
        return customer;
    }

    /**
     * Adds a customer to those who can be deleted, in place of one who was deleted and does not return. Keeps some of
     * the deleted ones, so that their activities are still sent.
     */
    private void makeDeletable(Customer customer) {
        List<Customer> gone = deletable.stream().filter(one -> one.leaving && !one.returns && !one.present).toList();
        if (gone.size() > DELETABLE / 3) {
            deletable.set(deletable.indexOf(gone.get(0)), customer);
        }
    }

    /**
     * Changes the bank at random: with an UPDATE in one of a hundred calls, with a DELETE in six of a thousand. To be
     * called once per activity.
     */
    void change(Random random) {
        int chance = random.nextInt(1_000);
        if (chance < 10) {
            Customer customer = changing.get(random.nextInt(changing.size()));
            customer.profiles.add(profile(random));
            schedule(Duration.ZERO, bank -> store(bank, customer));
        } else if (chance < 16) {
            Customer customer = deletable.get(random.nextInt(deletable.size()));
            if (customer.present && !customer.leaving) {
                leave(customer, random.nextInt(10) < 7, random);
            }
        }
    }

    private void leave(Customer customer, boolean returns, Random random) {
        customer.returns = returns;
        customer.leaving = true;
        customer.everDeleted = true;
        schedule(Duration.ZERO, bank -> {
            delete(bank, customer);
            customer.present = false;
        });
        if (returns) {
            Profile next = profile(random);
            schedule(Duration.ofMillis((long) (random.nextDouble() * lateness.toMillis())), bank -> {
                // Schedules at most one change of a customer at a time, because two could be made in either order
                customer.profiles.add(next);
                store(bank, customer);
                customer.present = true;
                customer.leaving = false;
            });
        }
    }

    /** Waits until all scheduled changes have been made. */
    void await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (pending.get() > 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the bank still has " + pending + " changes to make");
            }
            Thread.sleep(50);
        }
    }

    /** The customers in the bank's table. */
    Map<Integer, Profile> customers() throws SQLException {
        try (Connection bank = postgres.connectToBank();
                PreparedStatement select = bank.prepareStatement("select customer_id, income, fico from customers");
                ResultSet rows = select.executeQuery()) {
            Map<Integer, Profile> found = new HashMap<>();
            while (rows.next()) {
                found.put(rows.getInt(1), new Profile(rows.getInt(2), rows.getInt(3)));
            }
            return found;
        }
    }

    private void schedule(Duration delay, Change change) {
        pending.incrementAndGet();
        writer.schedule(() -> {
            try {
                apply(change);
            } finally {
                pending.decrementAndGet();
            }
        }, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Retries while the bank's database is down; each change is idempotent. */
    private void apply(Change change) {
        while (!closed) {
            try {
                if (connection == null) {
                    connection = postgres.connectToBank();
                }
                change.apply(connection);
                return;
            } catch (SQLException e) {
                disconnect();
                pause();
            }
        }
    }

    private static void store(Connection bank, Customer customer) throws SQLException {
        try (PreparedStatement insert = insert(bank)) {
            set(insert, customer.id, customer.latest());
            insert.executeUpdate();
        }
    }

    private static void delete(Connection bank, Customer customer) throws SQLException {
        try (PreparedStatement delete = bank.prepareStatement("delete from customers where customer_id = ?")) {
            delete.setInt(1, customer.id);
            delete.executeUpdate();
        }
    }

    private static PreparedStatement insert(Connection bank) throws SQLException {
        return bank.prepareStatement("""
                insert into customers (customer_id, income, fico) values (?, ?, ?)
                on conflict (customer_id) do update set income = excluded.income, fico = excluded.fico""");
    }

    private static void set(PreparedStatement insert, int id, Profile profile) throws SQLException {
        insert.setInt(1, id);
        insert.setInt(2, profile.income());
        insert.setInt(3, profile.fico());
    }

    private void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // The connection was broken already.
        } finally {
            connection = null;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        writer.shutdownNow();
        disconnect();
    }
}
