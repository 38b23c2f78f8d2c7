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
final class FaultScenario {

    private static final Duration STARTING = Duration.ofSeconds(120);
    private static final Duration RECOVERY = Duration.ofSeconds(120);
    private static final String HEAP = "256m";
    /** The heap and what Java needs besides. */
    private static final long MOST_MEGABYTES = 700;

    /** What goes wrong. */
    interface Trouble {
        void happen() throws Exception;
    }

    private final FaultEnvironment world;
    private final String name;
    private final Map<String, String> properties = new HashMap<>();
    private final List<ReplicaProcess> mine = new ArrayList<>();
    private final List<RecoveryTime> recoveries = new ArrayList<>();
    private final RecordLedger.Counts before;
    private int started;

    FaultScenario(FaultEnvironment world, String name) {
        this.world = world;
        this.name = name;
        before = world.records.counts();
        properties.put("nbo.parking.timeout", world.scale.parkingTimeout().toString());
    }

    /** For the services started from now on. */
    FaultScenario with(Map<String, String> more) {
        properties.putAll(more);
        return this;
    }

    /** One replica that is ready: the one that the test before has left if it will do, so that fewer need to start. */
    ReplicaProcess service() {
        List<ReplicaProcess> left = world.up();
        if (left.size() == 1 && left.get(0).wasStartedWith(properties)) {
            mine.add(left.get(0));
            return left.get(0);
        }
        world.endService();
        ReplicaProcess replica = start();
        awaitReady(replica);
        return replica;
    }

    /** Starts one more, without waiting for it. */
    ReplicaProcess start() {
        String log = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-" + ++started;
        ReplicaProcess replica = new ReplicaProcess(world.sandbox.startService(log, HEAP, properties), properties);
        mine.add(replica);
        world.replicas.add(replica);
        return replica;
    }

    void awaitReady(ReplicaProcess... some) {
        for (ReplicaProcess replica : some) {
            replica.awaitReady(STARTING);
        }
    }

    void underLoad(Trouble trouble) throws Exception {
        assertThat(ExactlyOnceProof.holdsWithin(STARTING, world.proof::customersAreThoseOfTheBank))
                .as("customers are known before the load begins").isTrue();
        world.lookups.takeCounts();
        world.load.start();
        try {
            awaitCalm();
            trouble.happen();
            if (!recoveries.isEmpty()) {
                await().atMost(RECOVERY).until(() -> recoveries.get(recoveries.size() - 1).everywhere() != null);
            }
            await("ready again").atMost(RECOVERY).until(() -> world.up().stream().allMatch(ReplicaProcess::isReady));
            awaitCalm();
        } finally {
            world.load.stop(Duration.ofMinutes(2));
        }
    }

    /** While all is well, the service is ready all the time; a machine that is busy with other things may need longer. */
    private void awaitCalm() throws Exception {
        assertThat(ExactlyOnceProof.holdsWithin(RECOVERY, () -> {
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
        ExactlyOnceProof.Result result = world.proof.settle();
        mine.forEach(ReplicaProcess::askReadiness);
        long peak = mine.stream().mapToLong(ReplicaProcess::peakMegabytes).max().orElse(0);
        FaultFigures.tell(name, world.records.counts().since(before), result, recoveries, peak,
                world.lookups.takeCounts());
        result.wrongs().forEach(wrong -> FaultFigures.print("faults: %s: %s%n", name, wrong));
        assertThat(result.wrongs()).as(name).isEmpty();
        assertThat(result.lost()).as("lost").isZero();
        assertThat(peak).as("MiB of memory").isLessThan(MOST_MEGABYTES);
        assertThat(world.up()).as("alive and ready").isNotEmpty().allMatch(ReplicaProcess::isAlive)
                .allMatch(ReplicaProcess::isReady);
    }

    /** What the services wrote last, for those who look for the reason of a failure. */
    void tellLogs() {
        mine.stream().filter(replica -> replica.state() != ReplicaProcess.State.ENDED)
                .forEach(replica -> FaultFigures.print("%s%n", replica.logTail()));
    }

    static void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
