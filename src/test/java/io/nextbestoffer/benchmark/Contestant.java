package io.nextbestoffer.benchmark;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** An application to measure: it reads activities and customers, and writes offers. */
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

        /**
         * Waits until it decides activities.
         *
         * @param firstOutput sends a few activities and waits for their offers, for contestants that don't report
         *     when they are ready
         */
        default void awaitReady(Runnable firstOutput) {
            firstOutput.run();
        }

        /**
         * Returns a check of whether everything that it derives asynchronously from its decisions is up to date. The
         * check is cheap, because it is polled while CPU is measured.
         */
        default BooleanSupplier catchUp() {
            return () -> true;
        }

        /** JDBC URL of the database with the table of latest offers; empty if they are stored elsewhere. */
        default Optional<String> latestOffers() {
            return Optional.empty();
        }

        @Override
        void close();
    }

    /** Its name in tables. */
    String name();

    /** Its name in topics, groups and databases. */
    String id();

    Running start(BenchmarkInfrastructure infrastructure, Run run);
}
