package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures, at each rate, the time from the moment at which an activity is due until a {@code read_committed} consumer
 * receives its offer.
 */
final class LatencyMeasurement {
    // For the just-in-time compiler: a process that has just started is measured separately.
    private static final int WARM_UP_SECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(10);
    /** Activities for the first output, sent within a second: enough to reach every partition. */
    private static final int PER_PARTITION = 8;

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;

    LatencyMeasurement(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** Runs a new process: each rate in turn, after a warm-up. */
    Map<Integer, OpenLoopLoad.Measured> steady(DataSet data, Contestant contestant, int round) {
        Map<Integer, OpenLoopLoad.Measured> measured = new LinkedHashMap<>();
        run(data, contestant, contestant.id() + "-latency-" + round, expected(), load -> {
            for (int rate : settings.rates()) {
                measured.put(rate, load.send(rate, warmUp(), settings.latencySeconds(), TIMEOUT));
            }
        });
        return measured;
    }

    /** Runs a new process for each rate, and measures from the moment at which it is ready. */
    Map<Integer, OpenLoopLoad.Measured> fresh(DataSet data, Contestant contestant, int round) {
        Map<Integer, OpenLoopLoad.Measured> measured = new LinkedHashMap<>();
        for (int rate : settings.rates()) {
            run(data, contestant, contestant.id() + "-fresh-" + rate + "-" + round, rate * settings.freshSeconds(),
                    load -> measured.put(rate, load.send(rate, 0, settings.freshSeconds(), TIMEOUT)));
        }
        return measured;
    }

    /** Starts a process, sends the load once it is ready, and checks all offers. */
    private void run(DataSet data, Contestant contestant, String name, int expected,
            Consumer<OpenLoopLoad> load) {
        String topic = name + "-activities";
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        int first = PER_PARTITION * data.partitions();
        GeneratedBank.Activities source = data.bank().activities(first + expected);
        // The load is prepared first, so that nothing delays it once the process is ready
        try (OfferLatencyReader watch = new OfferLatencyReader(infrastructure, offers);
                OpenLoopLoad sender = new OpenLoopLoad(infrastructure, topic, source, watch);
                Contestant.Running running = contestant.start(infrastructure,
                        new Contestant.Run(name, topic, data.customersTopic(), offers, settings.heap(), Map.of()))) {
            running.awaitReady(() -> sender.send(first, 1, 0, READY_TIMEOUT));
            load.accept(sender);
        }
        OutputCheck.read(infrastructure, data.bank().customers(), source.answers(), offers);
        infrastructure.deleteTopicsOf(name);
    }

    /**
     * Measures without a contestant by reading the activities themselves. Shows the share of harness and Kafka, and
     * compiles the harness before the first contestant runs.
     */
    Map<Integer, OpenLoopLoad.Measured> withoutContestant(DataSet data) {
        String topic = "no-contestant";
        infrastructure.createTopics(data.partitions(), Map.of(), topic);
        Map<Integer, OpenLoopLoad.Measured> measured = new LinkedHashMap<>();
        try (OfferLatencyReader watch = new OfferLatencyReader(infrastructure, topic);
                OpenLoopLoad load = new OpenLoopLoad(infrastructure, topic, data.bank().activities(expected()),
                        watch)) {
            int fastest = settings.rates().stream().mapToInt(Integer::intValue).max().orElseThrow();
            load.send(fastest, warmUp(), 0, TIMEOUT);
            for (int rate : settings.rates()) {
                measured.put(rate, load.send(rate, warmUp(), settings.latencySeconds(), TIMEOUT));
            }
        }
        infrastructure.deleteTopicsOf(topic);
        return measured;
    }

    /** Seconds of warm-up for each rate. */
    static int warmUp(BenchmarkSettings settings) {
        return Math.min(WARM_UP_SECONDS, settings.latencySeconds());
    }

    private int warmUp() {
        return warmUp(settings);
    }

    /** Approximate number of activities that are sent at a steady rate. */
    private int expected() {
        return settings.rates().stream().mapToInt(rate -> rate * (warmUp() + settings.latencySeconds())).sum();
    }
}
