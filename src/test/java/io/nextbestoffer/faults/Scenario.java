package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One fault: the service starts, the load runs, the trouble happens, the load ends, all is proved. */
final class Scenario {

    private static final Duration STARTING = Duration.ofSeconds(120);
    private static final Duration RECOVERY = Duration.ofSeconds(120);
    private static final String HEAP = "256m";
    /** The heap and what Java needs besides. */
    private static final long MOST_MEGABYTES = 700;

    /** What goes wrong. */
    interface Trouble {
        void happen() throws Exception;
    }

    private final World world;
    private final String name;
    private final Map<String, String> properties = new HashMap<>();
    private final List<Replica> mine = new ArrayList<>();
    private final List<Recovery> recoveries = new ArrayList<>();
    private final Records.Counts before;
    private int started;

    Scenario(World world, String name) {
        this.world = world;
        this.name = name;
        before = world.records.counts();
        properties.put("nbo.parking.timeout", world.scale.parkingTimeout().toString());
    }

    /** For the services started from now on. */
    Scenario with(Map<String, String> more) {
        properties.putAll(more);
        return this;
    }

    /** One replica that is ready: the one that the test before has left if it will do, so that fewer need to start. */
    Replica service() {
        List<Replica> left = world.up();
        if (left.size() == 1 && left.get(0).wasStartedWith(properties)) {
            mine.add(left.get(0));
            return left.get(0);
        }
        world.endService();
        Replica replica = start();
        awaitReady(replica);
        return replica;
    }

    /** Starts one more, without waiting for it. */
    Replica start() {
        String log = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-" + ++started;
        Replica replica = new Replica(world.sandbox.startService(log, HEAP, properties), properties);
        mine.add(replica);
        world.replicas.add(replica);
        return replica;
    }

    void awaitReady(Replica... some) {
        for (Replica replica : some) {
            replica.awaitReady(STARTING);
        }
    }

    void underLoad(Trouble trouble) throws Exception {
        assertThat(Proof.holdsWithin(STARTING, world.proof::customersAreThoseOfTheBank))
                .as("customers are known before the load begins").isTrue();
        world.lookups.takeCounts();
        world.load.start();
        try {
            awaitCalm();
            trouble.happen();
            if (!recoveries.isEmpty()) {
                await().atMost(RECOVERY).until(() -> recoveries.get(recoveries.size() - 1).everywhere() != null);
            }
            await("ready again").atMost(RECOVERY).until(() -> world.up().stream().allMatch(Replica::isReady));
            awaitCalm();
        } finally {
            world.load.stop(Duration.ofMinutes(2));
        }
    }

    /** While all is well, the service is ready all the time; a machine that is busy with other things may need longer. */
    private void awaitCalm() throws Exception {
        assertThat(Proof.holdsWithin(RECOVERY, () -> {
            long calm = System.nanoTime();
            pause(world.scale.calm());
            return world.up().stream().allMatch(replica -> replica.readiness(calm) == 1);
        })).as("ready while all is well").isTrue();
    }

    /** From now on recovery is measured. */
    void troubleIsOver() {
        recoveries.add(world.reader.troubleIsOver());
    }

    void prove() throws Exception {
        Proof.Result result = world.proof.settle();
        mine.forEach(Replica::askReadiness);
        long peak = mine.stream().mapToLong(Replica::peakMegabytes).max().orElse(0);
        Figures.tell(name, world.records.counts().since(before), result, recoveries, peak,
                world.lookups.takeCounts());
        result.wrongs().forEach(wrong -> Figures.print("faults: %s: %s%n", name, wrong));
        assertThat(result.wrongs()).as(name).isEmpty();
        assertThat(result.lost()).as("lost").isZero();
        assertThat(peak).as("MiB of memory").isLessThan(MOST_MEGABYTES);
        assertThat(world.up()).as("alive and ready").isNotEmpty().allMatch(Replica::isAlive)
                .allMatch(Replica::isReady);
    }

    /** What the services wrote last, for those who look for the reason of a failure. */
    void tellLogs() {
        mine.stream().filter(replica -> replica.state() != Replica.State.ENDED)
                .forEach(replica -> Figures.print("%s%n", replica.logTail()));
    }

    static void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
