package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.HdrHistogram.Histogram;

/** The service and Kafka Streams, in turn. */
final class CompareSuite {
    private final Infrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final Contestant service = new ServiceContestant();
    private final Contestant streams = new StreamsContestant();
    private final Map<Contestant, List<Throughput>> throughput = new HashMap<>();
    private final Map<Contestant, List<Map<Integer, Histogram>>> latency = new HashMap<>();

    CompareSuite(Infrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    /** @return the tables, as Markdown */
    String run() {
        Console.progress("loading %,d customers and %,d activities into %d partitions", settings.customers(),
                settings.activities(), settings.partitions());
        DataSet data = DataSet.load(infrastructure, settings.customers(), settings.partitions(),
                settings.activities());
        for (int round = 1; round <= settings.rounds(); round++) {
            // Whoever comes second finds warmer file caches: each is second every other time.
            List<Contestant> order = round % 2 == 1 ? List.of(service, streams) : List.of(streams, service);
            for (Contestant contestant : order) {
                throughput(data, contestant, round);
            }
            if (settings.latencySeconds() > 0) {
                for (Contestant contestant : order) {
                    latency(data, contestant, round);
                }
            }
        }
        return table();
    }

    private void throughput(DataSet data, Contestant contestant, int round) {
        String name = (contestant == service ? "service" : "streams") + "-throughput-" + round;
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), offers);
        Throughput measured;
        try (Contestant.Running running = contestant.start(infrastructure, new Contestant.Run(name,
                data.activitiesTopic(), data.customersTopic(), offers, settings.heap(), Map.of()))) {
            measured = Throughput.measure(infrastructure, List.of(running), name, data.activitiesTopic(),
                    data.activities());
        }
        Console.progress(
                "round %d, %-13s %,8.0f/s, %,8.0f per CPU-second (%,.0f with broker and Postgres), peak %d MB", round,
                contestant.name(), measured.perSecond(), measured.perCpuSecond(), measured.perCpuSecondWithOthers(),
                measured.peakMemory() >> 20);
        OutputCheck.read(infrastructure, data, offers);
        throughput.computeIfAbsent(contestant, none -> new ArrayList<>()).add(measured);
        infrastructure.deleteTopics(
                infrastructure.topics().stream().filter(topic -> topic.startsWith(name)).toList());
    }

    private void latency(DataSet data, Contestant contestant, int round) {
        String name = (contestant == service ? "service" : "streams") + "-latency-" + round;
        Map<Integer, Histogram> measured = Latency.measure(infrastructure, data, contestant, name, settings);
        measured.forEach((rate, histogram) -> Console.progress(
                "round %d, %-13s at %,6d/s: p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms", round, contestant.name(),
                rate, Latency.millis(histogram, 50), Latency.millis(histogram, 99), Latency.millis(histogram, 99.9),
                Latency.millis(histogram, 100)));
        latency.computeIfAbsent(contestant, none -> new ArrayList<>()).add(measured);
        infrastructure.deleteTopics(
                infrastructure.topics().stream().filter(topic -> topic.startsWith(name)).toList());
    }

    private String table() {
        Table table = new Table("", "service", "Kafka Streams", "service : Streams", "service, each round",
                "Streams, each round")
                .row("activities/s", "%,.0f", all(service, Throughput::perSecond), all(streams, Throughput::perSecond))
                .row("activities per CPU-second", "%,.0f", all(service, Throughput::perCpuSecond),
                        all(streams, Throughput::perCpuSecond))
                .row("… with broker and Postgres", "%,.0f", all(service, Throughput::perCpuSecondWithOthers),
                        all(streams, Throughput::perCpuSecondWithOthers))
                .row("peak memory, MB", "%,.0f", all(service, one -> one.peakMemory() / 1048576.0),
                        all(streams, one -> one.peakMemory() / 1048576.0));
        if (settings.latencySeconds() > 0) {
            for (int rate : settings.rates()) {
                for (double percentile : new double[]{50, 99, 99.9, 100}) {
                    String which = percentile == 100 ? "max" : "p" + (percentile == 99.9 ? "99.9" : (int) percentile);
                    table.row(String.format(Locale.ROOT, "latency at %,d/s, %s, ms", rate, which), "%,.1f",
                            latencies(service, rate, percentile), latencies(streams, rate, percentile));
                }
            }
        }
        return table.toString();
    }

    private double[] latencies(Contestant contestant, int rate, double percentile) {
        return latency.get(contestant).stream().mapToDouble(round -> Latency.millis(round.get(rate), percentile))
                .toArray();
    }

    private double[] all(Contestant contestant, ToDoubleFunction<Throughput> value) {
        return throughput.get(contestant).stream().mapToDouble(value).toArray();
    }
}
