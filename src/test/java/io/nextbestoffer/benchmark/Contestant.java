package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Map;

/** An application to measure: it reads activities and customers, and writes offers exactly once. */
interface Contestant {

    /**
     * One run of its processes.
     *
     * @param name name of everything that must be separate for each run: consumer group, database, state
     * @param settings settings of the contestant that differ from its defaults
     */
    record Run(String name, String activitiesTopic, String customersTopic, String offersTopic, String heap,
            Map<String, String> settings) {
    }

    /** A running contestant. {@link #close()} ends it and deletes its data, except topics. */
    interface Running extends AutoCloseable {

        /** Process ids of the contestant. */
        List<Long> pids();

        boolean isAlive();

        String logTail();

        @Override
        void close();
    }

    String name();

    Running start(BenchmarkInfrastructure infrastructure, Run run);
}
