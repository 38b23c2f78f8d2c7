package io.nextbestoffer.benchmark;

import java.util.Locale;

/** Share of the machine's CPUs used by processes that do not belong to the benchmark. */
final class OtherProcesses {
    /** Share of all CPUs above which other processes distort a measurement. */
    private static final double MUCH = 0.05;
    private static final long LOOK_MILLIS = 3000;

    private final BenchmarkInfrastructure infrastructure;
    private final long start = System.nanoTime();
    private final double machine = ResourceUsage.cpuOfMachine();
    private final double ours;

    /** Starts measuring. */
    OtherProcesses(BenchmarkInfrastructure infrastructure) {
        this.infrastructure = infrastructure;
        this.ours = ours();
    }

    /** Measures for three seconds. */
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

    /** The share of the other processes in all CPUs since the start, from 0 to 1. */
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
        // The times of ended processes are included in those of their parents
        double sum = ResourceUsage.cpuWithEnded(self.pid())
                + self.descendants().mapToDouble(process -> ResourceUsage.cpuWithEnded(process.pid())).sum();
        // Postgres is not a child process
        return infrastructure.postgres() == null ? sum : sum + ResourceUsage.cpuOfTree(infrastructure.postgres().pid());
    }
}
