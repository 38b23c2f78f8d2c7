package io.nextbestoffer.maintenance;

import java.time.Duration;

import io.nextbestoffer.job.JobKind;

/** A kind of job that operators start. Each runs one at a time, over all replicas, and can be repeated. */
interface MaintenanceJob extends JobKind {

    @Override
    default boolean isExclusive() {
        return true;
    }

    @Override
    default int parallel() {
        return 1;
    }

    @Override
    default int queue() {
        return 0;
    }

    @Override
    default Duration retention() {
        return Duration.ofDays(90);
    }
}
