package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.HdrHistogram.Histogram;

/** Measures the service, Kafka Streams and the plain consumer alternately. */
final class CompareSuite {
    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final LatencyMeasurement latency;
    private final List<Contestant> contestants;
    private final CompareResults results;

    CompareSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
        latency = new LatencyMeasurement(infrastructure, settings);
        contestants = List.of(new ServiceContestant(settings),
                new StreamsContestant(settings.streamsThreads(), settings.streamsCommitMillis()),
                new PlainContestant());
        results = new CompareResults(settings, contestants.stream().map(Contestant::name).toList());
    }

    /** Runs the suite. */
    CompareResults run() {
        DataSet data = DataSet.load(infrastructure, "compare", settings.customers(), settings.partitions(),
                settings.activities());
        for (int round = 1; round <= settings.rounds(); round++) {
            for (Contestant contestant : order(contestants, round)) {
                throughput(data, contestant, round);
            }
            if (settings.latencySeconds() > 0 && round == 1) {
                results.addWithoutContestant(
                        printed(round, "no contestant, steady", latency.withoutContestant(data)));
            }
            for (Contestant contestant : order(contestants, round)) {
                latency(data, contestant, round);
            }
        }
        data.delete(infrastructure);
        return results;
    }

    /** Later contestants benefit from warmer file caches, so each one takes each place in turn. */
    static <T> List<T> order(List<T> contestants, int round) {
        List<T> order = new ArrayList<>(contestants);
        Collections.rotate(order, 1 - round);
        return order;
    }

    private void throughput(DataSet data, Contestant contestant, int round) {
        String name = contestant.id() + "-throughput-" + round;
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), offers);
        ThroughputMeasurement measured;
        try (Contestant.Running running = contestant.start(infrastructure, new Contestant.Run(name,
                data.activitiesTopic(), data.customersTopic(), offers, settings.heap(), Map.of()))) {
            measured = ThroughputMeasurement.measure(infrastructure, running, name, data);
        }
        BenchmarkConsole.progress(
                "round %d, %-14s %,8.0f/s, second half %,8.0f/s, caught up after %.1f s; CPU-s: process %.1f,"
                        + " broker %.1f, Postgres %.1f; peak %.0f MB",
                round, contestant.name(), measured.perSecond(), measured.secondHalfPerSecond(),
                measured.catchUpSeconds(), measured.cpu().process(), measured.cpu().broker(),
                measured.cpu().postgres(), measured.largestPeak());
        OutputCheck.read(infrastructure, data.bank().customers(), data.answers(), offers);
        results.addThroughput(contestant.name(), measured);
        infrastructure.deleteTopicsOf(name);
    }

    private void latency(DataSet data, Contestant contestant, int round) {
        if (settings.latencySeconds() > 0) {
            results.addSteady(contestant.name(),
                    printed(round, contestant.name() + ", steady", latency.steady(data, contestant, round)));
        }
        if (settings.freshSeconds() > 0) {
            results.addFresh(contestant.name(),
                    printed(round, contestant.name() + ", just started", latency.fresh(data, contestant, round)));
        }
    }

    private static Map<Integer, OpenLoopLoad.Measured> printed(int round, String what,
            Map<Integer, OpenLoopLoad.Measured> measured) {
        measured.forEach((rate, one) -> BenchmarkConsole.progress(
                "round %d, %-29s at %,6d/s: p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms"
                        + " (in Kafka: p99 %.1f ms; harness: delay p99 %.1f ms, max %.1f ms, GC pauses %d ms)",
                round, what, rate, millis(one.offers(), 50), millis(one.offers(), 99), millis(one.offers(), 99.9),
                millis(one.offers(), 100), millis(one.inKafka(), 99), millis(one.late(), 99),
                millis(one.late(), 100), one.pausedMillis()));
        return measured;
    }

    private static double millis(Histogram nanos, double percentile) {
        return OpenLoopLoad.Measured.millis(nanos, percentile);
    }
}
