package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long it takes from the moment at which an activity should have been sent until a reader of committed records has
 * its offer, at each rate.
 */
final class LatencyMeasurement {
    // For the just-in-time compiler: a process that was just started says nothing about one that has run for a day.
    private static final int WARM_UP_SECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;

    LatencyMeasurement(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** In a process life of its own: a backlog, then each rate in turn, warmed up. */
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
     * The same without a contestant: activities are read where they were written. Shows what the harness and Kafka
     * take by themselves; and the harness is compiled before the first contestant comes.
     */
    Map<Integer, OpenLoopLoad.Measured> withoutContestant(DataSet data) {
        String topic = "nobody";
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

    /** How many activities are sent at a steady pace, about. */
    private int expected() {
        return settings.rates().stream().mapToInt(rate -> rate * (warmUp() + settings.latencySeconds())).sum();
    }
}
