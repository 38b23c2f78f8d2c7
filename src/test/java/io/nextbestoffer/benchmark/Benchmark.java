package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.nextbestoffer.benchmark.BenchmarkSettings.Suite;
import io.nextbestoffer.sandbox.JavaProcess;
import io.nextbestoffer.sandbox.SandboxLogging;

/**
 * Runs the suites described in docs/benchmarks.md. Exits with 0 only if every output was correct.
 */
public final class Benchmark {
    private static final Path REPORT = Path.of("docs", "benchmarks.md");
    private static final Path CHART = Path.of("docs", "benchmarks.svg");

    private static volatile boolean ending;

    private final BenchmarkInfrastructure infrastructure;
    private final BenchmarkSettings settings;

    private Benchmark(BenchmarkInfrastructure infrastructure, BenchmarkSettings settings) {
        this.infrastructure = infrastructure;
        this.settings = settings;
    }

    public static void main(String[] arguments) {
        SandboxLogging.useJbossLogManager();
        // Maven does not forward its SIGTERM to this process
        JavaProcess.endWithParent();
        System.exit(run());
    }

    private static int run() {
        if (!MachineDescription.isSupported()) {
            System.out.println("The benchmark needs Linux: it reads CPU and memory of processes from /proc.");
            return 1;
        }
        BenchmarkSettings settings;
        try {
            settings = BenchmarkSettings.from(System.getProperties());
        } catch (BenchmarkSettings.Invalid e) {
            System.out.println(e.getMessage());
            return 1;
        }
        Set<Suite> suites = possible(settings.suites());
        if (suites.isEmpty()) {
            return 1;
        }
        BenchmarkInfrastructure infrastructure = new BenchmarkInfrastructure();
        // Runs after Ctrl-C, SIGTERM and a normal end.
        Thread end = new Thread(() -> {
            ending = true;
            infrastructure.close();
        }, "benchmark-end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            SandboxLogging.toFile(infrastructure.logs().resolve("benchmark.log"));
            new Benchmark(infrastructure, settings).run(suites);
            return 0;
        } catch (RuntimeException | Error e) {
            if (!ending) {
                BenchmarkConsole.progress("the benchmark has failed: %s", e.getMessage() == null ? e : e.getMessage());
                Logger.getLogger(Benchmark.class.getName()).log(Level.SEVERE, "the benchmark has failed", e);
                infrastructure.close(true);
                BenchmarkConsole.progress("its logs are in %s", infrastructure.logs());
                removeHook(end);
            }
            return 1;
        }
    }

    private static Set<Suite> possible(Set<Suite> suites) {
        Set<Suite> possible = EnumSet.copyOf(suites);
        if (suites.contains(Suite.REST) && !WrkLoad.isInstalled()) {
            System.out.println("The suite rest is skipped: it needs wrk, which is not installed. On Debian and Ubuntu:"
                    + " apt-get install wrk");
            possible.remove(Suite.REST);
        }
        return possible;
    }

    private void run(Set<Suite> suites) {
        double load = MachineDescription.loadAverage();
        double before = OtherProcesses.now(infrastructure);
        BenchmarkConsole.progress("other processes use %s of the CPUs, the load average is %.1f: %s",
                OtherProcesses.percent(before), load,
                OtherProcesses.isMuch(before) ? "THE MACHINE IS BUSY, don't rely on the results" : "quiet");
        BenchmarkConsole.progress("starting the broker and Postgres");
        infrastructure.start();
        for (Suite suite : suites) {
            OtherProcesses others = new OtherProcesses(infrastructure);
            String text = switch (suite) {
                case COMPARE -> compare();
                case FRESHNESS -> new FreshnessSuite(infrastructure, settings).run();
                case REST -> new RestSuite(infrastructure, settings).run();
                case GROWTH -> new GrowthSuite(infrastructure, settings).run();
                case PLATFORM -> new PlatformSuite(infrastructure, settings).run();
            };
            String section = text + "\n" + circumstances(load, before, others.share());
            System.out.println("\n" + section);
            if (settings.write()) {
                write(REPORT, BenchmarkReport.update(existing(), Map.of(suite, section)));
            }
        }
    }

    private String compare() {
        CompareResults results = new CompareSuite(infrastructure, settings).run();
        if (settings.write()) {
            write(CHART, results.chart());
        }
        return results.text();
    }

    private String circumstances(double load, double before, double meanwhile) {
        return String.format(Locale.ROOT, """
                <sub>%s on %s. %s. Just before the start other processes used %s of the CPUs (load average %.1f, \
                including the build), and %s while this suite ran%s. `%s`</sub>
                """, LocalDate.now(), MachineDescription.description(), MeasuredVersions.description(infrastructure),
                OtherProcesses.percent(before), load, OtherProcesses.percent(meanwhile),
                OtherProcesses.isMuch(Math.max(before, meanwhile)) ? ": **a busy machine**" : "",
                settings.commandLine());
    }

    private static String existing() {
        try {
            return Files.exists(REPORT) ? Files.readString(REPORT) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("could not read " + REPORT, e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            BenchmarkConsole.progress("written to %s", file);
        } catch (IOException e) {
            throw new UncheckedIOException("could not write " + file, e);
        }
    }

    /** Keeps the hook from deleting the logs. */
    private static void removeHook(Thread end) {
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
            // The process is ending after a signal: the logs are deleted.
        }
    }
}
