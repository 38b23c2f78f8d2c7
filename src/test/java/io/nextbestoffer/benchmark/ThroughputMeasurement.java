package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.List;

/**
 * Throughput and cost of processing a backlog.
 *
 * @param perSecond activities decided per second
 * @param cpu CPU seconds per activity of the contestant alone
 * @param cpuWithOthers CPU seconds per activity including broker and Postgres
 * @param peakMemory peak memory of each process since its start, in bytes
 */
record ThroughputMeasurement(double perSecond, double cpu, double cpuWithOthers, List<Long> peakMemory) {

    /** Share that is excluded: the start, reading the customers, and the first work of the just-in-time compiler. */
    private static final double WARM_UP = 1.0 / 3;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    // All customers are read before the first activity
    private static final Duration STARTUP_TIMEOUT = Duration.ofHours(1);
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private record Sample(long nanos, long committed, double cpu, double cpuWithOthers) {

        /** The sample at this number of commits, interpolated linearly between the previous sample and this one. */
        Sample at(long count, Sample before) {
            double part = (double) (count - before.committed) / (committed - before.committed);
            return new Sample(before.nanos + Math.round(part * (nanos - before.nanos)), count,
                    before.cpu + part * (cpu - before.cpu),
                    before.cpuWithOthers + part * (cpuWithOthers - before.cpuWithOthers));
        }
    }

    /** Watches a contestant, and fails if it has ended or makes no progress. */
    private static final class Progress {
        private final Contestant.Running contestant;
        private long committed;
        private long last = System.nanoTime();

        Progress(Contestant.Running contestant) {
            this.contestant = contestant;
        }

        void now(long now) {
            if (now > committed) {
                committed = now;
                last = System.nanoTime();
            }
            if (!contestant.isAlive()) {
                throw new IllegalStateException("the contestant has ended:\n" + contestant.logTail());
            }
            Duration timeout = committed == 0 ? STARTUP_TIMEOUT : TIMEOUT;
            if (System.nanoTime() - last > timeout.toNanos()) {
                throw new IllegalStateException("nothing was committed for " + timeout + ", after " + committed
                        + " activities:\n" + contestant.logTail());
            }
            pause();
        }
    }

    /** Waits until the group has committed this number of activities. */
    static void await(BenchmarkInfrastructure infrastructure, Contestant.Running contestant, String group, String topic,
            long activities) {
        Progress progress = new Progress(contestant);
        for (long committed; (committed = infrastructure.committed(group, topic)) < activities;) {
            progress.now(committed);
        }
    }

    /**
     * Measures a contestant until the group has committed this number of activities, from the end of the warm-up, or
     * from now if that is over.
     */
    static ThroughputMeasurement measure(BenchmarkInfrastructure infrastructure, Contestant.Running contestant,
            String group, String topic,
            long activities) {
        long warm = Math.round(activities * WARM_UP);
        Progress progress = new Progress(contestant);
        Sample before = sample(infrastructure, contestant, group, topic);
        Sample start = before.committed < warm ? null : before;
        while (before.committed < activities) {
            progress.now(before.committed);
            Sample now = sample(infrastructure, contestant, group, topic);
            if (start == null && now.committed >= warm) {
                start = now.at(warm, before);
            }
            before = now;
        }
        if (start == null || start.committed > activities / 2) {
            throw new IllegalStateException(
                    "most activities were committed before the measurement: use more activities");
        }
        double count = activities - start.committed;
        return new ThroughputMeasurement(count / (before.nanos - start.nanos) * 1e9, (before.cpu - start.cpu) / count,
                (before.cpuWithOthers - start.cpuWithOthers) / count,
                contestant.pids().stream().map(ResourceUsage::peakMemory).toList());
    }

    double perCpuSecond() {
        return 1 / cpu;
    }

    double perCpuSecondWithOthers() {
        return 1 / cpuWithOthers;
    }

    double cpuMicros() {
        return cpu * 1e6;
    }

    double cpuMicrosWithOthers() {
        return cpuWithOthers * 1e6;
    }

    /** Peak memory of the largest process, in MB. */
    double largestPeak() {
        return peakMemory.stream().mapToLong(Long::longValue).max().orElseThrow() / 1048576.0;
    }

    /** Sum of the peak memory of all processes, in MB. */
    double sumOfPeaks() {
        return peakMemory.stream().mapToLong(Long::longValue).sum() / 1048576.0;
    }

    private static Sample sample(BenchmarkInfrastructure infrastructure, Contestant.Running contestant, String group,
            String topic) {
        long committed = infrastructure.committed(group, topic);
        long nanos = System.nanoTime();
        double cpu = contestant.pids().stream().mapToDouble(ResourceUsage::cpu).sum();
        return new Sample(nanos, committed, cpu, cpu + ResourceUsage.cpu(infrastructure.kafka().pid())
                + ResourceUsage.cpuOfTree(infrastructure.postgres().pid()));
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_INTERVAL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
