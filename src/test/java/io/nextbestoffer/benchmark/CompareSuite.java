package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.HdrHistogram.Histogram;

/** Measures the service and Kafka Streams alternately. */
final class CompareSuite {
    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final LatencyMeasurement latency;
    private final Contestant service;
    private final Contestant streams;
    private final Map<Contestant, List<ThroughputMeasurement>> throughputs = new HashMap<>();
    private final Map<Contestant, List<Map<Integer, OpenLoopLoad.Measured>>> latencies = new HashMap<>();
    private final List<Map<Integer, OpenLoopLoad.Measured>> withoutContestant = new ArrayList<>();

    CompareSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
        latency = new LatencyMeasurement(infrastructure, settings);
        service = new ServiceContestant(settings);
        streams = new StreamsContestant(settings.streamsThreads(), settings.streamsCommitMillis());
    }

    /** Runs the suite, and returns its results as Markdown. */
    String run() {
        DataSet data = DataSet.load(infrastructure, "compare", settings.customers(), settings.partitions(),
                settings.activities());
        for (int round = 1; round <= settings.rounds(); round++) {
            // The second contestant benefits from warmer file caches, so each is second in every other round.
            List<Contestant> order = round % 2 == 1 ? List.of(service, streams) : List.of(streams, service);
            for (Contestant contestant : order) {
                throughput(data, contestant, round);
            }
            if (settings.latencySeconds() > 0) {
                withoutContestant.add(printed(round, "no contestant", latency.withoutContestant(data)));
                for (Contestant contestant : order) {
                    latency(data, contestant, round);
                }
            }
        }
        data.delete(infrastructure);
        return text();
    }

    private void throughput(DataSet data, Contestant contestant, int round) {
        String name = (contestant == service ? "service" : "streams") + "-throughput-" + round;
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), offers);
        ThroughputMeasurement measured;
        try (Contestant.Running running = contestant.start(infrastructure, new Contestant.Run(name,
                data.activitiesTopic(), data.customersTopic(), offers, settings.heap(), Map.of()))) {
            measured = ThroughputMeasurement.measure(infrastructure, running, name, data.activitiesTopic(),
                    data.answers().count());
        }
        BenchmarkConsole.progress(
                "round %d, %-13s %,8.0f/s, %,8.0f per CPU-second (%,.0f with broker and Postgres), peak %.0f MB",
                round, contestant.name(), measured.perSecond(), measured.perCpuSecond(),
                measured.perCpuSecondWithOthers(), measured.largestPeak());
        OutputCheck.read(infrastructure, data.bank().customers(), data.answers(), offers);
        throughputs.computeIfAbsent(contestant, none -> new ArrayList<>()).add(measured);
        infrastructure.deleteTopicsOf(name);
    }

    private void latency(DataSet data, Contestant contestant, int round) {
        String name = (contestant == service ? "service" : "streams") + "-latency-" + round;
        latencies.computeIfAbsent(contestant, none -> new ArrayList<>())
                .add(printed(round, contestant.name(), latency.measure(data, contestant, name)));
    }

    private static Map<Integer, OpenLoopLoad.Measured> printed(int round, String contestant,
            Map<Integer, OpenLoopLoad.Measured> measured) {
        measured.forEach((rate, one) -> BenchmarkConsole.progress(
                "round %d, %-13s at %,6d/s: p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f ms"
                        + " (in Kafka: p99 %.1f ms; harness: delay p99 %.1f ms, max %.1f ms, GC pauses %d ms)",
                round, contestant, rate, millis(one.offers(), 50), millis(one.offers(), 99), millis(one.offers(), 99.9),
                millis(one.offers(), 100), millis(one.inKafka(), 99), millis(one.late(), 99),
                millis(one.late(), 100), one.pausedMillis()));
        return measured;
    }

    private String text() {
        return String.format(Locale.ROOT,
                """
                        ## Comparison with Kafka Streams

                        The peer implements the same next best offer as a Kafka Streams application, as a good team \
                        would write it (`src/test/java/io/nextbestoffer/benchmark/streams`): it joins activities \
                        with a table of customers, has the rules in plain Java, keeps only the fields that they \
                        need, writes offers with `exactly_once_v2` and stores the latest offer of each customer. It \
                        runs with %d threads (the default of Kafka Streams is one) and commits every %d ms; all \
                        other settings are defaults. One process each, heap %s, parallel garbage collector, %,d \
                        customers, %d partitions, %,d activities, %d %s; the tables show the median and, in small \
                        print, each round.

                        For a fair reading:
                        - The service stores each latest offer with its inputs in Postgres, where any replica can \
                        look it up and explain it; it parks activities of customers who are not known yet, writes \
                        dead letters, and its rules and offers are data. The peer does none of that. It keeps \
                        customers and latest offers in a local RocksDB and in changelog topics, so each key is in \
                        one replica only.
                        - `read_committed` consumers see the offers of a Kafka Streams application when it commits. \
                        So its commit interval is part of its latency; `-Dbenchmark.streams.commit.interval` changes \
                        the interval, and with it the throughput.
                        - Up to 100,000 customers (`nbo.customers.cache.size`) fit into the service's cache; the \
                        growth suite measures larger numbers.
                        - Broker and Postgres run on the same machine and compete with the contestants for its CPUs. \
                        So activities per CPU-second are more significant than activities per second.

                        **Processing a backlog.** Measured from the commit of a third of the activities to the \
                        commit of the last one. This excludes the start, reading the customers and most of the \
                        compiler's work.

                        %s""",
                settings.streamsThreads(), settings.streamsCommitMillis(), settings.heap(), settings.customers(),
                settings.partitions(), settings.activities(), settings.rounds(),
                settings.rounds() == 1 ? "round" : "rounds in turn", throughputTable())
                + latencyText();
    }

    private MarkdownTable throughputTable() {
        MarkdownTable table = new MarkdownTable("", "service", "Kafka Streams", "service : Streams",
                "service, each round",
                "Streams, each round");
        row(table, "activities/s", ThroughputMeasurement::perSecond);
        row(table, "activities per CPU-second", ThroughputMeasurement::perCpuSecond);
        row(table, "… with broker and Postgres", ThroughputMeasurement::perCpuSecondWithOthers);
        row(table, "peak memory, MB", ThroughputMeasurement::largestPeak);
        return table;
    }

    private void row(MarkdownTable table, String what, ToDoubleFunction<ThroughputMeasurement> value) {
        double[] ours = throughputs.get(service).stream().mapToDouble(value).toArray();
        double[] theirs = throughputs.get(streams).stream().mapToDouble(value).toArray();
        table.row(what, MarkdownTable.middle(ours), MarkdownTable.middle(theirs), ratio(ours, theirs),
                MarkdownTable.each(ours),
                MarkdownTable.each(theirs));
    }

    private String latencyText() {
        if (settings.latencySeconds() == 0) {
            return "";
        }
        MarkdownTable table = new MarkdownTable("", "service", "Kafka Streams", "service : Streams", "no contestant",
                "service, each round", "Streams, each round");
        for (int rate : settings.rates()) {
            for (double percentile : new double[]{50, 99, 99.9, 100}) {
                double[] ours = each(latencies.get(service), rate, percentile);
                double[] theirs = each(latencies.get(streams), rate, percentile);
                table.row(String.format(Locale.ROOT, "%,d/s, %s, ms", rate, name(percentile)),
                        MarkdownTable.middle(ours),
                        MarkdownTable.middle(theirs), ratio(ours, theirs),
                        MarkdownTable.middle(each(withoutContestant, rate, percentile)), MarkdownTable.each(ours),
                        MarkdownTable.each(theirs));
            }
        }
        return String.format(Locale.ROOT,
                """

                        **Latency at a steady rate.** Time from the moment at which an activity is due until a \
                        `read_committed` consumer receives its offer, %d s per rate, after a backlog of half the \
                        activities and a warm-up at the same rate. The load is open: the latency of an activity that \
                        is sent late counts from the time at which it was due. It includes the harness's producer \
                        (`linger.ms=5`, Kafka's default) and consumer, for both; "no contestant" is the same harness \
                        reading the activities themselves, and shows the share of harness and Kafka. In the worst of \
                        these windows the harness sent %s ms late (p99; max %s ms), and its garbage collector paused \
                        it for %d ms in total.

                        %s""",
                settings.latencySeconds(), MarkdownTable.number(worstLateness(99)),
                MarkdownTable.number(worstLateness(100)),
                all().stream().mapToLong(OpenLoopLoad.Measured::pausedMillis).max().orElse(0), table);
    }

    private double worstLateness(double percentile) {
        return all().stream().mapToDouble(one -> millis(one.late(), percentile)).max().orElse(0);
    }

    private List<OpenLoopLoad.Measured> all() {
        List<OpenLoopLoad.Measured> all = new ArrayList<>();
        latencies.values().forEach(rounds -> rounds.forEach(round -> all.addAll(round.values())));
        withoutContestant.forEach(round -> all.addAll(round.values()));
        return all;
    }

    private static double[] each(List<Map<Integer, OpenLoopLoad.Measured>> rounds, int rate, double percentile) {
        return rounds.stream().mapToDouble(round -> millis(round.get(rate).offers(), percentile)).toArray();
    }

    private static String ratio(double[] ours, double[] theirs) {
        return String.format(Locale.ROOT, "**%.2f**", MarkdownTable.median(ours) / MarkdownTable.median(theirs));
    }

    private static String name(double percentile) {
        return percentile == 100 ? "max" : "p" + (percentile == 99.9 ? "99.9" : (int) percentile);
    }

    private static double millis(Histogram nanos, double percentile) {
        return OpenLoopLoad.Measured.millis(nanos, percentile);
    }
}
