package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Throughput and cost of processing a backlog, from the first commit after the start to the last one. So it excludes
 * the start and reading the customers, but includes most of the compiler's work.
 *
 * @param activities number of activities that were decided in the whole run
 * @param perSecond activities decided per second in the whole run
 * @param secondHalfPerSecond activities decided per second in the second half of the backlog
 * @param cpu CPU in the whole run and until everything derived from the decisions was up to date
 * @param catchUpSeconds time from the last commit until everything derived from the decisions was up to date
 * @param peakMemory peak memory of each process since its start, in bytes
 */
record ThroughputMeasurement(long activities, double perSecond, double secondHalfPerSecond, CpuSeconds cpu,
        double catchUpSeconds, List<Long> peakMemory) {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    // All customers are read before the first activity
    private static final Duration STARTUP_TIMEOUT = Duration.ofHours(1);
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Duration CATCH_UP_TIMEOUT = Duration.ofMinutes(15);

    private record Sample(long nanos, long committed, CpuSeconds cpu) {

        /** The time at which this number was committed, linearly interpolated since the previous sample. */
        long reached(long count, Sample before) {
            double part = (double) (count - before.committed) / (committed - before.committed);
            return before.nanos + Math.round(part * (nanos - before.nanos));
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
     * Measures a contestant until the group has committed all activities and the latest offer of each customer is
     * stored. The whole run begins with the first commit, or now if there was one already.
     */
    static ThroughputMeasurement measure(BenchmarkInfrastructure infrastructure, Contestant.Running contestant,
            String group, DataSet data) {
        long activities = data.answers().count();
        Progress progress = new Progress(contestant);
        Sample start = null;
        long half = 0;
        Sample before = null;
        Sample now = sample(infrastructure, contestant, group, data.activitiesTopic());
        while (now.committed < activities) {
            progress.now(now.committed);
            before = now;
            now = sample(infrastructure, contestant, group, data.activitiesTopic());
            if (start == null && before.committed > 0) {
                start = before;
            }
            if (half == 0 && now.committed >= activities / 2) {
                half = now.reached(activities / 2, before);
            }
        }
        if (start == null || start.committed > activities / 2) {
            throw new IllegalStateException(
                    "most activities were committed before the measurement: use more activities");
        }
        Sample caughtUp = awaitCatchUp(infrastructure, contestant, data.bank().customers(), data.answers());
        long count = activities - start.committed;
        return new ThroughputMeasurement(count, count / seconds(start.nanos, now.nanos),
                (activities - activities / 2) / seconds(half, now.nanos), caughtUp.cpu.minus(start.cpu),
                seconds(now.nanos, caughtUp.nanos), contestant.pids().stream().map(ResourceUsage::peakMemory).toList());
    }

    /**
     * Waits until everything derived from the decisions is up to date. To be called after the last decision.
     *
     * @param customers number of customers
     * @throws OutputCheck.Failed if that takes too long
     */
    static void awaitCaughtUp(BenchmarkInfrastructure infrastructure, Contestant.Running contestant, int customers,
            ExpectedOffers answers) {
        awaitCatchUp(infrastructure, contestant, customers, answers);
    }

    private static Sample awaitCatchUp(BenchmarkInfrastructure infrastructure, Contestant.Running contestant,
            int customers, ExpectedOffers answers) {
        long deadline = System.nanoTime() + CATCH_UP_TIMEOUT.toNanos();
        BooleanSupplier check = contestant.catchUp();
        while (true) {
            boolean caughtUp = check.getAsBoolean();
            // Before the check of the table, which takes CPU itself
            Sample sample = new Sample(System.nanoTime(), answers.count(),
                    CpuSeconds.now(infrastructure, contestant));
            int wrong = caughtUp
                    ? contestant.latestOffers()
                            .map(url -> LatestOfferCheck.wrong(url, customers, answers)).orElse(0)
                    : 0;
            if (caughtUp && wrong == 0) {
                return sample;
            }
            if (System.nanoTime() > deadline) {
                throw new OutputCheck.Failed(caughtUp
                        ? "the latest offers of " + wrong + " customers are missing or wrong"
                        : "the latest offers and the decision log have not caught up after " + CATCH_UP_TIMEOUT);
            }
            if (!contestant.isAlive()) {
                throw new IllegalStateException("the contestant has ended:\n" + contestant.logTail());
            }
            pause();
        }
    }

    /** Activities per second, until everything derived from the decisions was up to date. */
    double perSecondWithCatchUp() {
        return activities / (activities / perSecond + catchUpSeconds);
    }

    double perCpuSecond() {
        return activities / cpu.process();
    }

    double perCpuSecondWithOthers() {
        return activities / cpu.total();
    }

    double cpuMicros() {
        return cpu.process() / activities * 1e6;
    }

    double brokerMicros() {
        return cpu.broker() / activities * 1e6;
    }

    double postgresMicros() {
        return cpu.postgres() / activities * 1e6;
    }

    double cpuMicrosWithOthers() {
        return cpu.total() / activities * 1e6;
    }

    /** Peak memory of the largest process, in MB. */
    double largestPeak() {
        return peakMemory.stream().mapToLong(Long::longValue).max().orElseThrow() / 1048576.0;
    }

    /** Sum of the peak memory of all processes, in MB. */
    double sumOfPeaks() {
        return peakMemory.stream().mapToLong(Long::longValue).sum() / 1048576.0;
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private static Sample sample(BenchmarkInfrastructure infrastructure, Contestant.Running contestant, String group,
            String topic) {
        long committed = infrastructure.committed(group, topic);
        return new Sample(System.nanoTime(), committed, CpuSeconds.now(infrastructure, contestant));
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
