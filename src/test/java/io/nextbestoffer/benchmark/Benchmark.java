package io.nextbestoffer.benchmark;

import io.nextbestoffer.sandbox.SandboxLogging;

/**
 * Measures and prints; docs/benchmarks.md says what. Ends with 0 only if every output was right.
 */
public final class Benchmark {
    private static volatile boolean ending;

    private Benchmark() {
    }

    public static void main(String[] arguments) {
        SandboxLogging.choose();
        BenchmarkSettings settings;
        try {
            settings = BenchmarkSettings.from(System.getProperties());
        } catch (BenchmarkSettings.Invalid e) {
            System.out.println(e.getMessage());
            System.exit(1);
            return;
        }
        System.exit(run(settings));
    }

    private static int run(BenchmarkSettings settings) {
        Console.progress("starting the broker and Postgres");
        Infrastructure infrastructure = new Infrastructure();
        // Everything ends here: Ctrl-C, SIGTERM and the exit above.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ending = true;
            infrastructure.close();
        }, "benchmark-end"));
        SandboxLogging.toFile(infrastructure.logs().resolve("benchmark.log"));
        try {
            if (settings.suites().contains(BenchmarkSettings.Suite.COMPARE)) {
                System.out.println(new CompareSuite(infrastructure, settings).run());
            }
            return 0;
        } catch (RuntimeException e) {
            if (!ending) {
                Console.progress("the benchmark failed: %s", e.getMessage() == null ? e : e.getMessage());
            }
            return 1;
        }
    }
}
