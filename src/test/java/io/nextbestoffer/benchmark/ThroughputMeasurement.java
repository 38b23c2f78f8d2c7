package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.List;

/**
 * How fast a backlog was worked off, and at what cost.
 *
 * @param perSecond activities decided per second
 * @param cpu CPU seconds per activity, of the contestant alone
 * @param cpuWithOthers the same with broker and Postgres
 * @param peakMemory bytes that each process had at most, from its start
 */
record ThroughputMeasurement(double perSecond, double cpu, double cpuWithOthers, List<Long> peakMemory) {

    /** What goes by until then is left out: the start, the customers, and the just-in-time compiler's first work. */
    private static final double WARM_UP = 1.0 / 3;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    // Before the first activity there are all customers to read
    private static final Duration STARTUP_TIMEOUT = Duration.ofHours(1);
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private record Sample(long nanos, long committed, double cpu, double cpuWithOthers) {

        /** How it was when so many were committed, taken as linear since the sample before. */
        Sample at(long count, Sample before) {
            double part = (double) (count - before.committed) / (committed - before.committed);
            return new Sample(before.nanos + Math.round(part * (nanos - before.nanos)), count,
                    before.cpu + part * (cpu - before.cpu),
                    before.cpuWithOthers + part * (cpuWithOthers - before.cpuWithOthers));
        }
    }

    /** Whether it still goes on. */
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
                throw new IllegalStateException("it ended by itself:\n" + contestant.logTail());
            }
            Duration patience = committed == 0 ? STARTUP_TIMEOUT : TIMEOUT;
            if (System.nanoTime() - last > patience.toNanos()) {
                throw new IllegalStateException("nothing was committed for " + patience + ", after " + committed
                        + " activities:\n" + contestant.logTail());
            }
            pause();
        }
    }

    /** Returns when the group has committed so many activities. */
    static void await(BenchmarkInfrastructure infrastructure, Contestant.Running contestant, String group, String topic,
            long activities) {
        Progress progress = new Progress(contestant);
        for (long committed; (committed = infrastructure.committed(group, topic)) < activities;) {
            progress.now(committed);
        }
    }

    /**
     * Measures while a contestant works until the group has committed so many activities: from the end of the warm-up,
     * or from now if that is over.
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
            throw new IllegalStateException("most was done before it could be measured: more activities are needed");
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

    /** MB of the process that had most. */
    double largestPeak() {
        return peakMemory.stream().mapToLong(Long::longValue).max().orElseThrow() / 1048576.0;
    }

    /** MB of all processes. */
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
