package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures the time from the moment at which an offer can be read from Kafka until look-ups show it. */
final class FreshnessSuite {
    private static final String NAME = "freshness";
    private static final int SAMPLES_PER_SECOND = 20;
    // More samples than later, because the first thousand look-ups of the harness are slow
    private static final int WARM_UP_SAMPLES_PER_SECOND = 50;
    private static final int WARM_UP_SECONDS = 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration READY_TIMEOUT = Duration.ofHours(1);

    /** One round at one rate. */
    private record Measured(FreshnessProbe.Measured lookUps, OpenLoopLoad.Measured decisions) {
    }

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final int seconds;
    private final int warmUp;
    private final Map<Integer, List<Measured>> byRate = new LinkedHashMap<>();

    FreshnessSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
        seconds = Math.max(1, settings.latencySeconds());
        warmUp = Math.min(WARM_UP_SECONDS, seconds);
        settings.rates().forEach(rate -> byRate.put(rate, new ArrayList<>()));
    }

    /** Runs the suite, and returns its results as Markdown. */
    String run() {
        DataSet data = DataSet.load(infrastructure, NAME, settings.customers(), settings.partitions(), 0);
        for (int round = 1; round <= settings.rounds(); round++) {
            measure(data, round);
        }
        data.delete(infrastructure);
        return text();
    }

    private void measure(DataSet data, int round) {
        String name = NAME + "-" + round;
        String topic = name + "-activities";
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        GeneratedBank.Activities source = data.bank()
                .activities(settings.rates().stream().mapToInt(rate -> rate * (warmUp + seconds)).sum());
        try (var service = new ServiceContestant(settings).start(infrastructure, new Contestant.Run(name, topic,
                data.customersTopic(), offers, settings.heap(), Map.of()));
                FreshnessProbe probe = new FreshnessProbe(service.httpPort());
                OfferLatencyReader watch = new OfferLatencyReader(infrastructure, offers, probe);
                OpenLoopLoad load = new OpenLoopLoad(infrastructure, topic, source, watch)) {
            service.awaitReady(READY_TIMEOUT);
            for (int rate : settings.rates()) {
                send(load, probe, rate, warmUp, WARM_UP_SAMPLES_PER_SECOND);
                Measured measured = send(load, probe, rate, seconds, SAMPLES_PER_SECOND);
                byRate.get(rate).add(measured);
                BenchmarkConsole.progress(
                        "round %d at %,6d/s: shown after p50 %.1f, p99 %.1f, max %.1f ms (%d offers, %.0f look-ups/s,"
                                + " each p99 %.1f ms); offers p99 %.1f ms",
                        round, rate, freshness(measured, 50), freshness(measured, 99), freshness(measured, 100),
                        measured.lookUps.nanos().getTotalCount(), lookUpsPerSecond(measured),
                        OpenLoopLoad.Measured.millis(measured.lookUps.lookUps(), 99),
                        OpenLoopLoad.Measured.millis(measured.decisions.offers(), 99));
            }
            ThroughputMeasurement.awaitCaughtUp(infrastructure, service, data.bank().customers(), source.answers());
        }
        OutputCheck.read(infrastructure, data.bank().customers(), source.answers(), offers);
        infrastructure.deleteTopicsOf(name);
    }

    private static Measured send(OpenLoopLoad load, FreshnessProbe probe, int rate, int seconds,
            int samplesPerSecond) {
        probe.sample(Math.max(1, rate / samplesPerSecond));
        OpenLoopLoad.Measured decisions = load.send(rate, 0, seconds, TIMEOUT);
        return new Measured(probe.await(), decisions);
    }

    private String text() {
        MarkdownTable table = new MarkdownTable("", "median", "each round");
        byRate.forEach((rate, rounds) -> {
            for (int percentile : new int[]{50, 99, 100}) {
                row(table, String.format(Locale.ROOT, "%,d/s, shown after, %s, ms", rate,
                        percentile == 100 ? "max" : "p" + percentile),
                        rounds.stream().mapToDouble(one -> freshness(one, percentile)).toArray());
            }
            row(table, String.format(Locale.ROOT, "%,d/s, a look-up itself, p99, ms", rate), rounds.stream()
                    .mapToDouble(one -> OpenLoopLoad.Measured.millis(one.lookUps.lookUps(), 99)).toArray());
            row(table, String.format(Locale.ROOT, "%,d/s, offers, p99, ms", rate), rounds.stream()
                    .mapToDouble(one -> OpenLoopLoad.Measured.millis(one.decisions.offers(), 99)).toArray());
        });
        return String.format(Locale.ROOT,
                """
                        ## Freshness of look-ups

                        Time from the moment at which a `read_committed` consumer receives an offer until `GET \
                        /customers/{id}/offer` has shown it, or a later offer of the same customer. Measured for %d \
                        offers per second, during %d s per rate after %d s of warm-up. Each of them is looked up \
                        repeatedly until it is shown: every 3 ms, or, once it has waited for more than 60 ms, at \
                        intervals of a twentieth of its waiting time. These are up to %,.0f look-ups/s beside the \
                        decisions. The time includes the last look-up, whose duration is also shown. "Offers" is the \
                        time from the \
                        moment at which an activity was due until its offer arrived. %,d customers, %d partitions, \
                        one replica, heap %s, %d %s, each with a new process. Afterwards the latest offer of every \
                        customer was the expected one.

                        %s""",
                SAMPLES_PER_SECOND, seconds, warmUp,
                byRate.values().stream().flatMap(List::stream).mapToDouble(this::lookUpsPerSecond).max().orElse(0),
                settings.customers(), settings.partitions(), settings.heap(), settings.rounds(),
                settings.rounds() == 1 ? "round" : "rounds", table);
    }

    private static void row(MarkdownTable table, String what, double[] rounds) {
        table.row(what, MarkdownTable.middle(rounds), MarkdownTable.each(rounds));
    }

    private double lookUpsPerSecond(Measured measured) {
        return measured.lookUps.lookUps().getTotalCount() / (double) seconds;
    }

    private static double freshness(Measured measured, double percentile) {
        return OpenLoopLoad.Measured.millis(measured.lookUps.nanos(), percentile);
    }
}
