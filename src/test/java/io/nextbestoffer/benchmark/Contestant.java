package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Map;

/** What is measured: something that reads activities and customers and writes offers, exactly once. */
interface Contestant {

    /**
     * One process life.
     *
     * @param name of everything that must not be shared with another run: consumer group, database, state
     * @param settings of the contestant, beyond its defaults
     */
    record Run(String name, String activitiesTopic, String customersTopic, String offersTopic, String heap,
            Map<String, String> settings) {
    }

    /** A contestant at work. {@link #close()} ends it and deletes what it kept, but no topic. */
    interface Running extends AutoCloseable {

        /** Of its processes. */
        List<Long> pids();

        boolean isAlive();

        String logTail();

        @Override
        void close();
    }

    String name();

    Running start(BenchmarkInfrastructure infrastructure, Run run);
}
