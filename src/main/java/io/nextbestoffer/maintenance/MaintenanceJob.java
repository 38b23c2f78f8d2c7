package io.nextbestoffer.maintenance;

import java.time.Duration;

import io.nextbestoffer.job.JobKind;

/**
 * A kind of job that operators start. At most one job of each kind is active over all replicas, and each job can be
 * repeated.
 */
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
