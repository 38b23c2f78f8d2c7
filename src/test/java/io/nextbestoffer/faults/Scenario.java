package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.nextbestoffer.sandbox.SandboxInfrastructure;

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
    private final List<Replica> replicas = new ArrayList<>();
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
    Scenario with(String property, String value) {
        properties.put(property, value);
        return this;
    }

    SandboxInfrastructure sandbox() {
        return world.sandbox;
    }

    Scale scale() {
        return world.scale;
    }

    /** Does not wait for it. */
    Replica start() {
        Replica replica = new Replica(
                world.sandbox.startService(name.replaceAll("[^a-z0-9]+", "-") + "-" + ++started, HEAP, properties));
        replicas.add(replica);
        world.lookups.of(replica);
        return replica;
    }

    Replica startAndAwait() {
        Replica replica = start();
        replica.awaitReady(STARTING);
        return replica;
    }

    /** Only this is waited for: who was told to end is not. */
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
            pause(Duration.ofSeconds(1));
            long calm = System.nanoTime();
            pause(world.scale.calm());
            assertThat(up()).as("ready while all is well").allMatch(replica -> replica.saidOnly(true, calm));
            trouble.happen();
            if (!recoveries.isEmpty()) {
                await().atMost(RECOVERY).until(() -> recoveries.get(recoveries.size() - 1).everywhere() != null);
            }
            await("ready again").atMost(RECOVERY).until(() -> up().stream().allMatch(Replica::isReady));
            pause(world.scale.calm());
        } finally {
            world.load.stop(Duration.ofMinutes(2));
        }
    }

    /** From now on recovery is measured. */
    void troubleIsOver() {
        recoveries.add(world.reader.troubleIsOver());
    }

    void prove() throws Exception {
        Proof.Result result = world.proof.settle();
        replicas.forEach(Replica::askReadiness);
        long peak = replicas.stream().mapToLong(Replica::peakMegabytes).max().orElse(0);
        Figures.tell(name, world.records.counts().since(before), result, recoveries, peak,
                world.lookups.takeCounts());
        assertThat(result.wrongs()).as(name).isEmpty();
        assertThat(result.lost()).as("lost").isZero();
        assertThat(peak).as("MiB of memory").isLessThan(MOST_MEGABYTES);
        assertThat(up()).as("alive and ready").isNotEmpty().allMatch(Replica::isAlive).allMatch(Replica::isReady);
    }

    List<Replica> up() {
        return replicas.stream().filter(replica -> replica.state() == Replica.State.UP).toList();
    }

    /** What the services wrote last, for those who look for the reason of a failure. */
    void tellLogs() {
        replicas.stream().filter(replica -> replica.state() != Replica.State.ENDED)
                .forEach(replica -> Figures.print("%s%n", replica.logTail()));
    }

    void end() {
        replicas.stream().filter(replica -> replica.state() != Replica.State.ENDED).forEach(Replica::stop);
    }

    static void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
