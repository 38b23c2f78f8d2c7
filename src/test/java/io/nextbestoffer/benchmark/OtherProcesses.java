package io.nextbestoffer.benchmark;

import java.util.Locale;

/** How much of the machine's CPUs was taken by processes that have nothing to do with the benchmark. */
final class OtherProcesses {
    /** Of all CPUs; from then on a measurement says something about the others too. */
    private static final double MUCH = 0.05;
    private static final long LOOK_MILLIS = 3000;

    private final BenchmarkInfrastructure infrastructure;
    private final long start = System.nanoTime();
    private final double machine = ResourceUsage.cpuOfMachine();
    private final double ours;

    /** Begins to watch. */
    OtherProcesses(BenchmarkInfrastructure infrastructure) {
        this.infrastructure = infrastructure;
        this.ours = ours();
    }

    /** Watches for three seconds. */
    static double now(BenchmarkInfrastructure infrastructure) {
        OtherProcesses others = new OtherProcesses(infrastructure);
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return others.share();
    }

    /** Their share of all CPUs since then, 0 to 1. */
    double share() {
        double theirs = ResourceUsage.cpuOfMachine() - machine - (ours() - ours);
        double elapsed = (System.nanoTime() - start) / 1e9;
        return Math.max(0, theirs / elapsed / MachineDescription.cpus());
    }

    static boolean isMuch(double share) {
        return share > MUCH;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
    }

    private double ours() {
        ProcessHandle self = ProcessHandle.current();
        // What has ended is in the times of who waited for it
        double sum = ResourceUsage.cpuWithEnded(self.pid())
                + self.descendants().mapToDouble(process -> ResourceUsage.cpuWithEnded(process.pid())).sum();
        // Postgres is nobody's child
        return infrastructure.postgres() == null ? sum : sum + ResourceUsage.cpuOfTree(infrastructure.postgres().pid());
    }
}
