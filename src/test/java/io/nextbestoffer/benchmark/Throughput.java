package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.List;

/**
 * How fast a backlog was worked off, and at what cost.
 *
 * @param perSecond activities decided per second
 * @param cpu CPU seconds per activity, of the contestant alone
 * @param cpuWithOthers the same with broker and Postgres
 * @param peakMemory bytes of the contestant, from its start
 */
record Throughput(double perSecond, double cpu, double cpuWithOthers, long peakMemory) {

    /** What goes by until then is left out: the start, the customers, and the just-in-time compiler's first work. */
    private static final double WARM_UP = 1.0 / 3;
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private record Sample(long nanos, long committed, double cpu, double cpuWithOthers) {

        /** How it was when so many were committed, taken as linear since the sample before. */
        Sample at(long count, Sample before) {
            double part = (double) (count - before.committed) / (committed - before.committed);
            return new Sample(before.nanos + Math.round(part * (nanos - before.nanos)), count,
                    before.cpu + part * (cpu - before.cpu),
                    before.cpuWithOthers + part * (cpuWithOthers - before.cpuWithOthers));
        }
    }

    /** Measures while contestants work until the group has committed so many activities. */
    static Throughput measure(Infrastructure infrastructure, List<? extends Contestant.Running> contestants,
            String group, String topic, long activities) {
        long warm = Math.round(activities * WARM_UP);
        Sample start = null;
        Sample before = sample(infrastructure, contestants, group, topic);
        long progress = System.nanoTime();
        while (before.committed < activities) {
            pause();
            Sample now = sample(infrastructure, contestants, group, topic);
            if (start == null && now.committed >= warm) {
                start = now.at(warm, before);
            }
            if (now.committed > before.committed) {
                progress = now.nanos;
            } else {
                awaitStill(contestants, progress, now);
            }
            before = now;
        }
        double count = activities - start.committed;
        return new Throughput(count / (before.nanos - start.nanos) * 1e9, (before.cpu - start.cpu) / count,
                (before.cpuWithOthers - start.cpuWithOthers) / count,
                contestants.stream().mapToLong(contestant -> Usage.peakMemory(contestant.pid())).max().orElse(0));
    }

    double perCpuSecond() {
        return 1 / cpu;
    }

    double perCpuSecondWithOthers() {
        return 1 / cpuWithOthers;
    }

    private static Sample sample(Infrastructure infrastructure, List<? extends Contestant.Running> contestants,
            String group, String topic) {
        long committed = infrastructure.committed(group, topic);
        long nanos = System.nanoTime();
        double cpu = contestants.stream().mapToDouble(contestant -> Usage.cpu(contestant.pid())).sum();
        return new Sample(nanos, committed, cpu, cpu + Usage.cpu(infrastructure.kafka().pid())
                + Usage.cpuOfTree(infrastructure.postgres().pid()));
    }

    private static void awaitStill(List<? extends Contestant.Running> contestants, long progress, Sample now) {
        for (Contestant.Running contestant : contestants) {
            if (!contestant.isAlive()) {
                throw new IllegalStateException("it ended by itself:\n" + contestant.logTail());
            }
            if (now.nanos - progress > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "nothing was committed for " + PATIENCE + ", after " + now.committed + " activities:\n"
                                + contestant.logTail());
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
