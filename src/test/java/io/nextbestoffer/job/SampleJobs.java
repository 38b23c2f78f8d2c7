package io.nextbestoffer.job;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/** Jobs of a kind that exists in tests only. */
final class SampleJobs {

    private SampleJobs() {
    }

    static JobKind kind(String name, boolean exclusive) {
        return new JobKind() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean isExclusive() {
                return exclusive;
            }

            @Override
            public int parallel() {
                return 1;
            }

            @Override
            public int queue() {
                return 1;
            }

            @Override
            public Duration retention() {
                return Duration.ofDays(7);
            }

            @Override
            public JobTask task(Job job) {
                return progress -> "done";
            }
        };
    }

    static Job running(int attempt, @Nullable String checkpoint) {
        return new Job(UUID.randomUUID(), "sample", null, JobState.RUNNING, "here", attempt, "jane", null, null, null,
                Instant.EPOCH, Instant.EPOCH, null, 3, 7L, "{}", checkpoint, null, null);
    }
}
