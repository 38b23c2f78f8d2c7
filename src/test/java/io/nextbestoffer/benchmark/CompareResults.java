package io.nextbestoffer.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.HdrHistogram.Histogram;

/** Results of the comparison: every round of each contestant, and the report. */
final class CompareResults {

    /** Latencies of one round by rate, in activities per second. */
    private static final class Rounds {
        private final List<Map<Integer, OpenLoopLoad.Measured>> all = new ArrayList<>();

        double[] each(int rate, double percentile) {
            return all.stream().mapToDouble(round -> millis(round.get(rate).offers(), percentile)).toArray();
        }
    }

    private final BenchmarkSettings settings;
    private final List<String> names;
    private final Map<String, List<ThroughputMeasurement>> throughputs = new LinkedHashMap<>();
    private final Map<String, Rounds> steady = new LinkedHashMap<>();
    private final Map<String, Rounds> fresh = new LinkedHashMap<>();
    private final Rounds withoutContestant = new Rounds();

    /** @param names names of the contestants, in the order of the tables, the service first */
    CompareResults(BenchmarkSettings settings, List<String> names) {
        this.settings = settings;
        this.names = names;
        names.forEach(name -> {
            throughputs.put(name, new ArrayList<>());
            steady.put(name, new Rounds());
            fresh.put(name, new Rounds());
        });
    }

    void addThroughput(String contestant, ThroughputMeasurement measured) {
        throughputs.get(contestant).add(measured);
    }

    /** @param measured latencies by rate */
    void addSteady(String contestant, Map<Integer, OpenLoopLoad.Measured> measured) {
        steady.get(contestant).all.add(measured);
    }

    /** @param measured latencies of processes that had just started, by rate */
    void addFresh(String contestant, Map<Integer, OpenLoopLoad.Measured> measured) {
        fresh.get(contestant).all.add(measured);
    }

    /** @param measured latencies of harness and Kafka alone, by rate */
    void addWithoutContestant(Map<Integer, OpenLoopLoad.Measured> measured) {
        withoutContestant.all.add(measured);
    }

    /** The chart of throughput and p99, as SVG. */
    String chart() {
        ComparisonChart chart = new ComparisonChart(names);
        chart.linear("activities/s (more is better)", Map.of("whole run",
                throughputs.values().stream().map(all -> each(all, ThroughputMeasurement::perSecond)).toList()));
        Map<String, List<double[]>> byRate = new LinkedHashMap<>();
        if (settings.latencySeconds() > 0) {
            settings.rates().forEach(rate -> byRate.put(String.format(Locale.ROOT, "at %,d/s", rate),
                    each(steady, rate, 99)));
        }
        if (settings.freshSeconds() > 0) {
            settings.rates().forEach(rate -> byRate.put(String.format(Locale.ROOT, "at %,d/s, just started", rate),
                    each(fresh, rate, 99)));
        }
        if (!byRate.isEmpty()) {
            chart.logarithmic("p99 in ms, logarithmic (less is better)", byRate);
        }
        return chart.toString();
    }

    /** The section of the report. */
    String text() {
        return String.format(Locale.ROOT,
                """
                        ## Comparison with Kafka Streams and with a plain consumer

                        ![Throughput and p99 of the three contestants](benchmarks.svg)

                        Three applications make the same next best offers:
                        - **service**: as shipped, so with the decision log and the latest offers in Postgres.
                        - **Kafka Streams**: what a good team would write with it \
                        (`src/test/java/io/nextbestoffer/benchmark/streams`). It joins activities with a table of \
                        customers, has the rules in plain Java, keeps only the fields that they need, writes offers \
                        with `exactly_once_v2` and stores the latest offer of each customer. It runs with %d threads \
                        (the default of Kafka Streams is one) and commits every %d ms; all other settings are \
                        defaults.
                        - **plain consumer**: the simplest thing that could work \
                        (`src/test/java/io/nextbestoffer/benchmark/plain`), as the practical limit. One consumer \
                        polls up to 5,000 activities, decides them with the same plain Java and a map of customers \
                        that it read at its start, sends the offers, stores the latest offer of each customer in \
                        Postgres with one statement, and commits its offsets: at least once.

                        One process each, heap %s, parallel garbage collector, %,d customers, %d partitions, %,d \
                        activities, %d %s. The tables show the median%s.

                        For a fair reading:
                        - The service stores each decision with its inputs and each latest offer in Postgres, where \
                        any replica can look it up and explain it; it parks activities of customers who are not \
                        known yet, writes dead letters, follows changes of customers, and its rules and offers are \
                        data. Kafka Streams keeps customers and latest offers in a local RocksDB and in changelog \
                        topics, so each key is in one replica only. It decides exactly once, like the service.
                        - The plain consumer repeats offers after a crash or a rebalance, ignores changes of \
                        customers, and stops at a record that it can't read.
                        - `read_committed` consumers see the offers of a Kafka Streams application when it commits. \
                        So its commit interval is part of its latency; `-Dbenchmark.streams.commit.interval` changes \
                        the interval, and with it the throughput.
                        - Up to 100,000 customers (`nbo.customers.cache.size`) fit into the service's cache; the \
                        growth suite measures larger numbers.
                        - Broker and Postgres run on the same machine and compete with the contestants for its CPUs. \
                        So activities per CPU-second are more significant than activities per second.

                        **Processing a backlog.** The whole run lasts from the first commit after the start to the \
                        last one. This excludes the start and reading the customers, but includes most of the \
                        compiler's work; the second half has less of it. The service writes latest offers and \
                        decision log after the commit: "caught up" is the time from the last commit until the \
                        decision log is complete and the latest offer of each customer is the expected one, seen by \
                        committed offsets, so up to two seconds late; CPU is counted until then.

                        %s""",
                settings.streamsThreads(), settings.streamsCommitMillis(), settings.heap(), settings.customers(),
                settings.partitions(), settings.activities(), settings.rounds(),
                settings.rounds() == 1 ? "round" : "rounds, each in a different order",
                settings.rounds() == 1 ? "" : " and, in small print, each round", throughputTable())
                + steadyText() + freshText();
    }

    private ComparisonTable throughputTable() {
        ComparisonTable table = new ComparisonTable(names, "");
        compared(table, "activities/s, whole run", ThroughputMeasurement::perSecond);
        compared(table, "activities/s, second half", ThroughputMeasurement::secondHalfPerSecond);
        List<double[]> catchUp = new ArrayList<>();
        names.forEach(name -> catchUp.add(catchUp.isEmpty()
                ? each(throughputs.get(name), ThroughputMeasurement::catchUpSeconds)
                : new double[0]));
        table.alone("caught up after, s", catchUp);
        compared(table, "activities/s until caught up", ThroughputMeasurement::perSecondWithCatchUp);
        compared(table, "activities per CPU-second of the process", ThroughputMeasurement::perCpuSecond);
        compared(table, "… with broker and Postgres", ThroughputMeasurement::perCpuSecondWithOthers);
        alone(table, "CPU-seconds of the process", one -> one.cpu().process());
        alone(table, "… of the broker", one -> one.cpu().broker());
        alone(table, "… of Postgres", one -> one.cpu().postgres());
        compared(table, "peak memory, MB", ThroughputMeasurement::largestPeak);
        return table;
    }

    private void compared(ComparisonTable table, String what, ToDoubleFunction<ThroughputMeasurement> value) {
        table.compared(what, throughputs.values().stream().map(all -> each(all, value)).toList());
    }

    private void alone(ComparisonTable table, String what, ToDoubleFunction<ThroughputMeasurement> value) {
        table.alone(what, throughputs.values().stream().map(all -> each(all, value)).toList());
    }

    private String steadyText() {
        if (settings.latencySeconds() == 0) {
            return "";
        }
        ComparisonTable table = new ComparisonTable(names, "no contestant");
        for (int rate : settings.rates()) {
            for (double percentile : new double[]{50, 99, 99.9, 100}) {
                table.compared(label(rate, percentile), each(steady, rate, percentile),
                        withoutContestant.each(rate, percentile));
            }
        }
        List<OpenLoopLoad.Measured> windows = windows();
        return String.format(Locale.ROOT,
                """

                        **Latency at a steady rate.** Time from the moment at which an activity is due until a \
                        `read_committed` consumer receives its offer, %d s per rate, after a warm-up of %d s at the \
                        same rate; one process for all rates. The load is open: the latency of an activity that is \
                        sent late counts from the time at which it was due. It includes the harness's producer \
                        (`linger.ms=5`, Kafka's default) and consumer; "no contestant" is the same harness reading \
                        the activities themselves, and shows the share of harness and Kafka. In the worst of all \
                        windows the harness sent %s ms late (p99; max %s ms), and its garbage collector paused it \
                        for %d ms in total.

                        %s""",
                settings.latencySeconds(), LatencyMeasurement.warmUp(settings),
                MarkdownTable.number(worstLateness(windows, 99)), MarkdownTable.number(worstLateness(windows, 100)),
                windows.stream().mapToLong(OpenLoopLoad.Measured::pausedMillis).max().orElse(0), table);
    }

    private String freshText() {
        if (settings.freshSeconds() == 0) {
            return "";
        }
        ComparisonTable table = new ComparisonTable(names, "");
        for (int rate : settings.rates()) {
            for (double percentile : new double[]{50, 99, 100}) {
                table.compared(label(rate, percentile), each(fresh, rate, percentile));
            }
        }
        return String.format(Locale.ROOT, """

                **Just after the start.** The same latency in the first %d s of a new process for each rate, without \
                a warm-up and without a backlog before it: from the moment at which the service's readiness probe \
                succeeds; for the others, from their first output.

                %s""", settings.freshSeconds(), table);
    }

    private static double worstLateness(List<OpenLoopLoad.Measured> windows, double percentile) {
        return windows.stream().mapToDouble(one -> millis(one.late(), percentile)).max().orElse(0);
    }

    private List<OpenLoopLoad.Measured> windows() {
        List<Rounds> rounds = new ArrayList<>(steady.values());
        rounds.addAll(fresh.values());
        rounds.add(withoutContestant);
        return rounds.stream().flatMap(one -> one.all.stream()).flatMap(round -> round.values().stream()).toList();
    }

    private static List<double[]> each(Map<String, Rounds> rounds, int rate, double percentile) {
        return rounds.values().stream().map(one -> one.each(rate, percentile)).toList();
    }

    private static double[] each(List<ThroughputMeasurement> all, ToDoubleFunction<ThroughputMeasurement> value) {
        return all.stream().mapToDouble(value).toArray();
    }

    private static String label(int rate, double percentile) {
        String name = percentile == 100 ? "max" : "p" + (percentile == 99.9 ? "99.9" : (int) percentile);
        return String.format(Locale.ROOT, "%,d/s, %s, ms", rate, name);
    }

    private static double millis(Histogram nanos, double percentile) {
        return OpenLoopLoad.Measured.millis(nanos, percentile);
    }
}
