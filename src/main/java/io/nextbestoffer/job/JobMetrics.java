package io.nextbestoffer.job;

import java.util.List;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;

/** Gauges of the number of jobs by kind and state. All replicas report the same numbers, those in Postgres. */
@ApplicationScoped
class JobMetrics {

    private volatile Map<String, Map<JobState, Long>> counts = Map.of();

    JobMetrics(MeterRegistry registry, @All List<JobKind> kinds) {
        for (JobKind kind : kinds) {
            for (JobState state : JobState.values()) {
                Gauge.builder("nbo.jobs", () -> counts.getOrDefault(kind.name(), Map.of()).getOrDefault(state, 0L))
                        .description("Jobs in Postgres; the same on every replica")
                        .tag("kind", kind.name()).tag("state", state.text()).register(registry);
            }
        }
    }

    void set(Map<String, Map<JobState, Long>> current) {
        counts = current;
    }
}
