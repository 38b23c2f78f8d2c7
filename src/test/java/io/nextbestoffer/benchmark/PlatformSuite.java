package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.ServiceProcess.Artifact;

/** Measures start, memory and throughput of a replica, on a JVM and as a native image, as far as both are packaged. */
final class PlatformSuite {
    private static final int RATE = 5_000;
    private static final int STARTS = 5;
    private static final int WARM_UP_SECONDS = 20;
    private static final Duration REST = Duration.ofSeconds(10);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(5);
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final double MEGABYTE = 1048576;

    /**
     * @param live seconds from the start of the process until it answers
     * @param ready seconds from the start of the process until it decides activities
     * @param idle memory in bytes a few seconds later
     */
    private record Start(double live, double ready, long idle) {
    }

    /**
     * @param memory bytes in the middle of the measured seconds
     * @param cpu share of one CPU
     */
    private record Steady(long memory, double cpu, double p99) {
    }

    /** Measurements of one artifact. */
    private static final class Measured {
        private final List<Start> starts = new ArrayList<>();
        private final List<Steady> steady = new ArrayList<>();
        private final List<ThroughputMeasurement> throughputs = new ArrayList<>();
    }

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;
    private final int seconds;
    private final Map<Artifact, Measured> all = new LinkedHashMap<>();

    PlatformSuite(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
        seconds = Math.max(1, settings.latencySeconds());
        Artifact.all().forEach(artifact -> all.put(artifact, new Measured()));
    }

    /** Runs the suite, and returns its results as Markdown. */
    String run() {
        DataSet data = DataSet.load(infrastructure, "platform", settings.customers(), settings.partitions(),
                settings.activities() / 2);
        all.forEach((artifact, measured) -> start(data, artifact, measured));
        for (int round = 1; round <= settings.rounds(); round++) {
            for (var one : all.entrySet()) {
                one.getValue().throughputs.add(throughput(data, one.getKey(), round));
                one.getValue().steady.add(steady(data, one.getKey(), round));
            }
        }
        data.delete(infrastructure);
        return text();
    }

    private static String name(Artifact artifact) {
        return artifact.isNative() ? "native" : "jvm";
    }

    /** Measures starts, without the first one, which has to read all customers. */
    private void start(DataSet data, Artifact artifact, Measured measured) {
        String name = "platform-start-" + name(artifact);
        String topic = name + "-activities";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", name + "-offers");
        try (var service = start(artifact, name, topic, data)) {
            service.awaitReady(Duration.ofHours(1));
            for (int i = 1; i <= STARTS; i++) {
                service.stop();
                long before = System.nanoTime();
                ServiceProcess process = service.restart();
                while (!process.isLive()) {
                    pause(POLL_INTERVAL, process, before);
                }
                double live = (System.nanoTime() - before) / 1e9;
                while (!process.isReady()) {
                    pause(POLL_INTERVAL, process, before);
                }
                double ready = (System.nanoTime() - before) / 1e9;
                pause(REST);
                measured.starts.add(new Start(live, ready, ResourceUsage.memory(process.pid())));
                BenchmarkConsole.progress("%s, start %d: answers after %.3f s, decides after %.3f s, idle with %.0f MB",
                        name(artifact), i, live, ready, ResourceUsage.memory(process.pid()) / MEGABYTE);
            }
        }
        infrastructure.deleteTopicsOf(name);
    }

    private ThroughputMeasurement throughput(DataSet data, Artifact artifact, int round) {
        String name = "platform-" + name(artifact) + "-throughput-" + round;
        infrastructure.createTopics(data.partitions(), Map.of(), name + "-offers");
        ThroughputMeasurement measured;
        try (var service = start(artifact, name, data.activitiesTopic(), data)) {
            measured = ThroughputMeasurement.measure(infrastructure, service, name, data);
        }
        BenchmarkConsole.progress("%s, round %d: %,.0f/s, %,.0f per CPU-second, peak %.0f MB", name(artifact), round,
                measured.perSecond(), measured.perCpuSecond(), measured.largestPeak());
        OutputCheck.read(infrastructure, data.bank().customers(), data.answers(), name + "-offers");
        infrastructure.deleteTopicsOf(name);
        return measured;
    }

    private Steady steady(DataSet data, Artifact artifact, int round) {
        String name = "platform-" + name(artifact) + "-steady-" + round;
        String topic = name + "-activities";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", name + "-offers");
        int warmUp = Math.min(WARM_UP_SECONDS, seconds);
        GeneratedBank.Activities source = data.bank().activities(RATE * (warmUp + seconds));
        Steady steady;
        try (var service = start(artifact, name, topic, data);
                OfferLatencyReader watch = new OfferLatencyReader(infrastructure, name + "-offers");
                OpenLoopLoad load = new OpenLoopLoad(infrastructure, topic, source, watch)) {
            service.awaitReady(Duration.ofHours(1));
            long pid = service.pids().get(0);
            load.send(RATE, 0, warmUp, TIMEOUT);
            var sampler = new Sampler(pid, Duration.ofSeconds(seconds));
            double cpu = ResourceUsage.cpu(pid);
            long before = System.nanoTime();
            sampler.start();
            OpenLoopLoad.Measured measured = load.send(RATE, 0, seconds, TIMEOUT);
            steady = new Steady(sampler.middle(), (ResourceUsage.cpu(pid) - cpu) / (System.nanoTime() - before) * 1e9,
                    OpenLoopLoad.Measured.millis(measured.offers(), 99));
        }
        BenchmarkConsole.progress("%s, round %d at %,d/s: %.0f MB, %.0f %% of a CPU, offers p99 %.1f ms",
                name(artifact), round,
                RATE, steady.memory() / MEGABYTE, steady.cpu() * 100, steady.p99());
        OutputCheck.read(infrastructure, data.bank().customers(), source.answers(), name + "-offers");
        infrastructure.deleteTopicsOf(name);
        return steady;
    }

    private ServiceContestant.Replicas start(Artifact artifact, String name, String activities, DataSet data) {
        return new ServiceContestant(artifact, 1, settings).start(infrastructure, new Contestant.Run(name, activities,
                data.customersTopic(), name + "-offers", settings.heap(), Map.of()));
    }

    /** Reads the memory of a process in the middle of the measurement. */
    private static final class Sampler extends Thread {
        private final long pid;
        private final Duration time;
        private volatile long memory;

        Sampler(long pid, Duration time) {
            super("memory");
            setDaemon(true);
            this.pid = pid;
            this.time = time;
        }

        @Override
        public void run() {
            pause(time.dividedBy(2));
            memory = ResourceUsage.memory(pid);
        }

        long middle() {
            return memory;
        }
    }

    private static void pause(Duration time, ServiceProcess process, long since) {
        if (process.exitCode().isPresent() || System.nanoTime() - since > TIMEOUT.toNanos()) {
            throw new IllegalStateException("the service has not started:\n" + process.logTail());
        }
        pause(time);
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private String text() {
        List<String> heads = new ArrayList<>(List.of(""));
        all.keySet().forEach(artifact -> heads.add(artifact.isNative() ? "native" : "JVM"));
        all.keySet().forEach(artifact -> heads.add((artifact.isNative() ? "native" : "JVM") + ", each"));
        MarkdownTable table = new MarkdownTable(heads.toArray(String[]::new));
        row(table, "start: it answers, s", one -> each(one.starts, Start::live));
        row(table, "start: it decides, s", one -> each(one.starts, Start::ready));
        row(table, "memory, idle, MB", one -> each(one.starts, start -> start.idle() / MEGABYTE));
        row(table, String.format(Locale.ROOT, "memory at %,d/s, MB", RATE),
                one -> each(one.steady, steady -> steady.memory() / MEGABYTE));
        row(table, String.format(Locale.ROOT, "CPU at %,d/s, %% of one", RATE),
                one -> each(one.steady, steady -> steady.cpu() * 100));
        row(table, String.format(Locale.ROOT, "offers at %,d/s, p99, ms", RATE), one -> each(one.steady, Steady::p99));
        row(table, "activities/s, a backlog", one -> each(one.throughputs, ThroughputMeasurement::perSecond));
        row(table, "… second half of it", one -> each(one.throughputs, ThroughputMeasurement::secondHalfPerSecond));
        row(table, "activities per CPU-second", one -> each(one.throughputs, ThroughputMeasurement::perCpuSecond));
        row(table, "peak memory meanwhile, MB", one -> each(one.throughputs, ThroughputMeasurement::largestPeak));
        List<String> sizes = new ArrayList<>(List.of("size on the disk, MB"));
        all.keySet().forEach(artifact -> sizes.add(MarkdownTable.number(artifact.size() / MEGABYTE)));
        all.keySet().forEach(artifact -> sizes.add(artifact.isNative() ? "" : "without Java itself"));
        table.row(sizes.toArray(String[]::new));
        return String.format(Locale.ROOT,
                """
                        ## JVM and native

                        Resources of one replica. "It answers": from the start of the process until the liveness \
                        probe succeeds, with a database that is migrated already; "it decides": until the readiness \
                        probe succeeds, so after it has joined the consumer groups and read the customers' changes, \
                        of which none are left (%d starts). Memory is resident memory (`VmRSS`), %d s after \
                        readiness, and in the middle of %d s at %,d activities/s, after %d s of warm-up, when a \
                        JVM still compiles. The backlog has %,d activities, the bank %,d customers; heap %s, %d %s.%s

                        %s""",
                STARTS, REST.toSeconds(), seconds, RATE, Math.min(WARM_UP_SECONDS, seconds),
                settings.activities() / 2, settings.customers(), settings.heap(), settings.rounds(),
                settings.rounds() == 1 ? "round" : "rounds in turn",
                all.keySet().stream().anyMatch(Artifact::isNative)
                        ? ""
                        : " No native image was packaged: run `./mvnw package -Dnative` first to compare it.",
                table);
    }

    private static <T> double[] each(List<T> measured, ToDoubleFunction<T> value) {
        return measured.stream().mapToDouble(value).toArray();
    }

    private void row(MarkdownTable table, String what, Function<Measured, double[]> values) {
        List<String> cells = new ArrayList<>(List.of(what));
        all.values().forEach(one -> cells.add(MarkdownTable.middle(values.apply(one))));
        all.values().forEach(one -> cells.add(MarkdownTable.each(values.apply(one))));
        table.row(cells.toArray(String[]::new));
    }
}
