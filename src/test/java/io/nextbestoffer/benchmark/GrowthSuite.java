package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Measures the service with more customers, partitions and replicas. */
final class GrowthSuite {
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final int activities;

    GrowthSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
        activities = settings.activities() / 2;
    }

    /** Runs the suite, and returns its results as Markdown. */
    String run() {
        MarkdownTable byCustomers = table("customers");
        int usual = settings.customers();
        for (int customers : new int[]{usual / 10, usual, usual * 10}) {
            DataSet data = load(customers, settings.partitions());
            add(byCustomers, String.format(Locale.ROOT, "%,d", customers), measure(data, 1,
                    Map.of("nbo.customers.cache.size", Integer.toString(Math.max(1, customers / 10)))));
            data.delete(infrastructure);
        }
        MarkdownTable byPartitions = table("partitions");
        MarkdownTable byReplicas = table("replicas");
        for (int partitions : partitions()) {
            DataSet data = load(usual, partitions);
            List<ThroughputMeasurement> one = measure(data, 1, Map.of());
            add(byPartitions, Integer.toString(partitions), one);
            if (partitions == settings.partitions()) {
                add(byReplicas, "1", one);
                add(byReplicas, "2", measure(data, 2, Map.of()));
            }
            data.delete(infrastructure);
        }
        return text(byCustomers, byPartitions, byReplicas);
    }

    private List<Integer> partitions() {
        return List.of(1, settings.partitions(), settings.partitions() * 4).stream().distinct().toList();
    }

    private DataSet load(int customers, int partitions) {
        return DataSet.load(infrastructure, "growth", customers, partitions, activities);
    }

    private List<ThroughputMeasurement> measure(DataSet data, int replicas, Map<String, String> properties) {
        List<ThroughputMeasurement> rounds = new ArrayList<>();
        for (int round = 1; round <= settings.rounds(); round++) {
            String name = "growth-" + data.bank().customers() + "-" + data.partitions() + "-" + replicas + "-"
                    + (properties.isEmpty() ? "" : "cache-") + round;
            rounds.add(measure(data, name, replicas, properties));
        }
        return rounds;
    }

    private ThroughputMeasurement measure(DataSet data, String name, int replicas, Map<String, String> properties) {
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), offers);
        ThroughputMeasurement measured;
        try (ServiceContestant.Replicas service = new ServiceContestant(replicas, settings).start(infrastructure,
                new Contestant.Run(name, data.activitiesTopic(), data.customersTopic(), offers, settings.heap(),
                        properties))) {
            // The assignment of partitions must not change during the measurement
            service.awaitReady(TIMEOUT);
            infrastructure.awaitStable(name, replicas);
            measured = ThroughputMeasurement.measure(infrastructure, service, name, data);
        }
        BenchmarkConsole.progress("%s: %,.0f/s, %.1f µs CPU (%.1f with broker and Postgres) per activity, peak %.0f MB",
                name, measured.perSecond(), measured.cpuMicros(), measured.cpuMicrosWithOthers(),
                measured.sumOfPeaks());
        OutputCheck.read(infrastructure, data.bank().customers(), data.answers(), offers);
        infrastructure.deleteTopicsOf(name);
        return measured;
    }

    private static MarkdownTable table(String what) {
        return new MarkdownTable(what, "activities/s", "second half", "CPU per activity, µs",
                "… with broker and Postgres",
                "peak memory of the largest replica, MB", "… of all", "activities/s, each round");
    }

    private static void add(MarkdownTable table, String what, List<ThroughputMeasurement> rounds) {
        table.row(what, middle(rounds, ThroughputMeasurement::perSecond),
                middle(rounds, ThroughputMeasurement::secondHalfPerSecond),
                middle(rounds, ThroughputMeasurement::cpuMicros),
                middle(rounds, ThroughputMeasurement::cpuMicrosWithOthers),
                middle(rounds, ThroughputMeasurement::largestPeak),
                middle(rounds, ThroughputMeasurement::sumOfPeaks),
                MarkdownTable.each(rounds.stream().mapToDouble(ThroughputMeasurement::perSecond).toArray()));
    }

    private static String middle(List<ThroughputMeasurement> rounds, ToDoubleFunction<ThroughputMeasurement> value) {
        return MarkdownTable.middle(rounds.stream().mapToDouble(value).toArray());
    }

    private String text(MarkdownTable byCustomers, MarkdownTable byPartitions, MarkdownTable byReplicas) {
        return String.format(Locale.ROOT,
                """
                        ## Growth

                        The service alone processes a backlog of %,d activities with a heap of %s per replica; %d \
                        %s, of which the tables show the median. Measured from the first commit to the last one, \
                        which excludes the start and reading the customers, and for the second half of the backlog. \
                        CPU is user and system time of all replicas, until latest offers and decision log have \
                        caught up.

                        **Customers**, with %d partitions and a cache for 10 %% of them \
                        (`nbo.customers.cache.size`): the others are read from Postgres for each activity.

                        %s
                        **Partitions**, with %,d customers and the cache's default size.

                        %s
                        **Replicas**, with the same number of customers, %d partitions and one Postgres. They run on \
                        one machine with broker and Postgres, and share its %d CPUs: this shows the cost of a second \
                        replica, not the gain of a second machine.

                        %s""",
                activities, settings.heap(), settings.rounds(), settings.rounds() == 1 ? "round" : "rounds",
                settings.partitions(), byCustomers, settings.customers(), byPartitions,
                settings.partitions(), MachineDescription.cpus(), byReplicas);
    }
}
