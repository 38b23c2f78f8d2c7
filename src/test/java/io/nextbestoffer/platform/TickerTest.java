package io.nextbestoffer.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import io.smallrye.mutiny.Uni;

class TickerTest {

    private static final Duration INTERVAL = Duration.ofMillis(10);

    private final AtomicInteger runs = new AtomicInteger();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Test
    void runsAtOnceAndThenRepeats() {
        try (var hourly = Ticker.every(Duration.ofHours(1), this::count, failures::add)) {
            await().untilAsserted(() -> assertThat(runs).hasValue(1));
        }
        try (var frequent = Ticker.every(INTERVAL, this::count, failures::add)) {
            await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(5));
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void continuesAfterAFailedRun() {
        var failed = new IllegalStateException("failed");
        try (var ticker = Ticker.every(INTERVAL, () -> runs.incrementAndGet() == 1
                ? Uni.createFrom().failure(failed)
                : Uni.createFrom().voidItem(), failures::add)) {
            await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(2));
        }
        assertThat(failures).containsExactly(failed);
    }

    @Test
    void continuesAfterATaskThatThrows() {
        var thrown = new IllegalStateException("thrown");
        try (var ticker = Ticker.every(INTERVAL, () -> {
            if (runs.incrementAndGet() == 1) {
                throw thrown;
            }
            return Uni.createFrom().voidItem();
        }, failures::add)) {
            await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(2));
        }
        assertThat(failures).containsExactly(thrown);
    }

    @Test
    void dropsTicksDuringARun() {
        var active = new AtomicInteger();
        var overlapped = new AtomicBoolean();
        try (var ticker = Ticker.every(INTERVAL, () -> {
            overlapped.compareAndSet(false, active.incrementAndGet() > 1);
            return Uni.createFrom().voidItem().onItem().delayIt().by(INTERVAL.multipliedBy(10))
                    .invoke(active::decrementAndGet).invoke(runs::incrementAndGet);
        }, failures::add)) {
            await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(2));
        }
        assertThat(overlapped).isFalse();
        assertThat(failures).isEmpty();
    }

    @Test
    void stopsWhenClosed() {
        var ticker = Ticker.every(INTERVAL, this::count, failures::add);
        await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(2));

        ticker.close();

        int last = runs.get();
        await().during(INTERVAL.multipliedBy(10))
                .untilAsserted(() -> assertThat(runs.get()).isLessThanOrEqualTo(last + 1));
    }

    private Uni<Integer> count() {
        return Uni.createFrom().item(runs.incrementAndGet());
    }
}
