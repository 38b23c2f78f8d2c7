package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One fault: starts the service and the load, provokes the fault, stops the load and checks every record. */
final class FaultScenario {

    private static final Duration STARTING = Duration.ofSeconds(120);
    private static final Duration RECOVERY = Duration.ofSeconds(120);
    private static final String HEAP = "256m";
    /** Heap and native memory. */
    private static final long MAX_MEGABYTES = 700;

    /** Provokes the fault. */
    interface Fault {
        void provoke() throws Exception;
    }

    private final FaultEnvironment environment;
    private final String name;
    private final Map<String, String> properties = new HashMap<>();
    private final List<ReplicaProcess> replicas = new ArrayList<>();
    private final List<RecoveryTime> recoveries = new ArrayList<>();
    private final RecordLedger.Counts before;
    private int started;

    FaultScenario(FaultEnvironment environment, String name) {
        this.environment = environment;
        this.name = name;
        before = environment.records.counts();
        properties.put("nbo.parking.timeout", environment.scale.parkingTimeout().toString());
        // Short, so that profiles in memory are outdated during every fault
        properties.put("nbo.customers.cache.refresh-after", "PT1S");
    }

    /** Adds properties of the replicas started from now on. */
    FaultScenario with(Map<String, String> more) {
        properties.putAll(more);
        return this;
    }

    /** Returns one ready replica: that of the previous test if it has the same properties, otherwise a new one. */
    ReplicaProcess service() {
        List<ReplicaProcess> left = environment.up();
        if (left.size() == 1 && left.get(0).wasStartedWith(properties)) {
            replicas.add(left.get(0));
            return left.get(0);
        }
        environment.stopReplicas();
        ReplicaProcess replica = start();
        awaitReady(replica);
        return replica;
    }

    /** Starts a replica without waiting until it is ready. */
    ReplicaProcess start() {
        String log = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-" + ++started;
        ReplicaProcess replica = new ReplicaProcess(environment.sandbox.startService(log, HEAP, properties),
                properties);
        replicas.add(replica);
        environment.replicas.add(replica);
        return replica;
    }

    void awaitReady(ReplicaProcess... some) {
        for (ReplicaProcess replica : some) {
            replica.awaitReady(STARTING);
        }
    }

    void underLoad(Fault fault) throws Exception {
        assertThat(ExactlyOnceProof.holdsWithin(STARTING, environment.proof::customersAreThoseOfTheBank))
                .as("customers are known before the load begins").isTrue();
        environment.lookups.takeCounts();
        environment.load.start();
        try {
            awaitCalm();
            fault.provoke();
            if (!recoveries.isEmpty()) {
                await().atMost(RECOVERY).until(() -> recoveries.get(recoveries.size() - 1).everywhere() != null);
            }
            await("ready again").atMost(RECOVERY)
                    .until(() -> environment.up().stream().allMatch(ReplicaProcess::isReady));
            awaitCalm();
        } finally {
            environment.load.stop(Duration.ofMinutes(2));
        }
    }

    /**
     * Waits until the service has been ready for a while without interruption; a busy machine may need several
     * attempts.
     */
    private void awaitCalm() throws Exception {
        assertThat(ExactlyOnceProof.holdsWithin(RECOVERY, () -> {
            long calm = System.nanoTime();
            pause(environment.scale.calm());
            return environment.up().stream().allMatch(replica -> replica.readiness(calm) == 1);
        })).as("ready without a fault").isTrue();
    }

    /** Starts measuring the recovery. */
    void faultIsOver() {
        recoveries.add(environment.reader.startRecovery());
    }

    void prove() throws Exception {
        ExactlyOnceProof.Result result = environment.proof.settle();
        replicas.forEach(ReplicaProcess::checkReadiness);
        long peak = replicas.stream().mapToLong(ReplicaProcess::peakMegabytes).max().orElse(0);
        FaultFigures.report(name, environment.records.counts().since(before), result, recoveries, peak,
                environment.lookups.takeCounts());
        result.violations().forEach(violation -> FaultFigures.print("faults: %s: %s%n", name, violation));
        assertThat(result.violations()).as(name).isEmpty();
        assertThat(result.lost()).as("lost").isZero();
        assertThat(peak).as("MiB of memory").isLessThan(MAX_MEGABYTES);
        assertThat(environment.up()).as("alive and ready").isNotEmpty().allMatch(ReplicaProcess::isAlive)
                .allMatch(ReplicaProcess::isReady);
    }

    /** Prints the last lines of the replicas' logs, after a failure. */
    void printLogs() {
        replicas.stream().filter(replica -> replica.state() != ReplicaProcess.State.ENDED)
                .forEach(replica -> FaultFigures.print("%s%n", replica.logTail()));
    }

    static void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
