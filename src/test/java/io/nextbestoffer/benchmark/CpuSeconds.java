package io.nextbestoffer.benchmark;

/**
 * CPU seconds, user and system, by where they were spent.
 *
 * @param process in the processes of the contestant
 */
record CpuSeconds(double process, double broker, double postgres) {

    /** The seconds since the start of the processes. */
    static CpuSeconds now(BenchmarkInfrastructure infrastructure, Contestant.Running contestant) {
        return new CpuSeconds(contestant.pids().stream().mapToDouble(ResourceUsage::cpu).sum(),
                ResourceUsage.cpu(infrastructure.kafka().pid()),
                ResourceUsage.cpuOfTree(infrastructure.postgres().pid()));
    }

    CpuSeconds minus(CpuSeconds before) {
        return new CpuSeconds(process - before.process, broker - before.broker, postgres - before.postgres);
    }

    double total() {
        return process + broker + postgres;
    }
}
