package io.nextbestoffer.kafka.tracing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;

/**
 * Measures how long each step of a stage takes per batch: metric {@code nbo_stage_seconds{channel, step}}, and spans.
 */
public final class StageTimer {

    private final MeterRegistry metrics;
    private final String channel;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();

    public StageTimer(MeterRegistry metrics, String channel) {
        this.metrics = metrics;
        this.channel = channel;
    }

    public <T> T time(BatchSpan span, String step, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            ended(span, step, start);
        }
    }

    public void time(BatchSpan span, String step, Runnable work) {
        time(span, step, () -> {
            work.run();
            return null;
        });
    }

    public <T> Uni<T> time(BatchSpan span, String step, Uni<T> work) {
        return Uni.createFrom().deferred(() -> {
            long start = System.nanoTime();
            return work.onTermination().invoke(() -> ended(span, step, start));
        });
    }

    private void ended(BatchSpan span, String step, long start) {
        timer(step).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        span.step(step, start);
    }

    private Timer timer(String step) {
        return timers.computeIfAbsent(step, name -> Timer.builder("nbo.stage")
                .description("Time that a step of a stage takes for one batch")
                .tag("channel", channel).tag("step", name).register(metrics));
    }
}
