package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures, at each rate, the time from the moment at which an activity is due until a {@code read_committed} consumer
 * receives its offer.
 */
final class LatencyMeasurement {
    // For the just-in-time compiler: a process that has just started is not representative.
    private static final int WARM_UP_SECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;

    LatencyMeasurement(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** Runs new processes: first a backlog, then each rate in turn, after a warm-up. */
    Map<Integer, OpenLoopLoad.Measured> measure(DataSet data, Contestant contestant, String name) {
        String topic = name + "-activities";
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        int backlog = settings.activities() / 2;
        GeneratedBank.Activities source = data.bank().activities(backlog + expected());
        DataSet.send(infrastructure, topic, backlog, source::next);
        Map<Integer, OpenLoopLoad.Measured> measured = new LinkedHashMap<>();
        try (Contestant.Running running = contestant.start(infrastructure,
                new Contestant.Run(name, topic, data.customersTopic(), offers, settings.heap(), Map.of()))) {
            ThroughputMeasurement.await(infrastructure, running, name, topic, backlog);
            try (OfferLatencyReader watch = new OfferLatencyReader(infrastructure, offers);
                    OpenLoopLoad load = new OpenLoopLoad(infrastructure, topic, source, watch)) {
                for (int rate : settings.rates()) {
                    measured.put(rate, load.send(rate, warmUp(), settings.latencySeconds(), TIMEOUT));
                }
            }
        }
        OutputCheck.read(infrastructure, data.bank().customers(), source.answers(), offers);
        infrastructure.deleteTopicsOf(name);
        return measured;
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

    private int warmUp() {
        return Math.min(WARM_UP_SECONDS, settings.latencySeconds());
    }

    /** Approximate number of activities that are sent at a steady rate. */
    private int expected() {
        return settings.rates().stream().mapToInt(rate -> rate * (warmUp() + settings.latencySeconds())).sum();
    }
}
