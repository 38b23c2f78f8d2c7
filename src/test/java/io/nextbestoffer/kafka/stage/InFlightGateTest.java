package io.nextbestoffer.kafka.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.smallrye.mutiny.Uni;

@Timeout(20)
class InFlightGateTest {

    private final InFlightGate gate = new InFlightGate(2);
    private final List<String> started = new ArrayList<>();

    private CompletableFuture<String> alone(String name, CompletableFuture<String> end) {
        return gate.<String>runAlone(() -> {
            started.add(name);
            return Uni.createFrom().completionStage(end);
        }).subscribeAsCompletionStage().toCompletableFuture();
    }

    @Test
    void admitsAFewBatchesAtATime() {
        assertThat(gate.enter()).isTrue();
        assertThat(gate.enter()).isTrue();
        assertThat(gate.enter()).isFalse();

        gate.leave();

        assertThat(gate.enter()).isTrue();
    }

    @Test
    void runsAStepAloneOnceTheBatchesHaveLeft() {
        gate.enter();
        var end = new CompletableFuture<String>();

        var step = alone("step", end);

        assertThat(started).isEmpty();
        assertThat(gate.enter()).as("a batch behind a waiting step").isFalse();
        gate.leave();
        assertThat(started).containsExactly("step");
        assertThat(gate.enter()).as("a batch beside a step").isFalse();
        end.complete("done");
        assertThat(step).isCompletedWithValue("done");
        assertThat(gate.enter()).isTrue();
    }

    @Test
    void measuresHowLongNothingHasEnded() throws InterruptedException {
        assertThat(gate.waitingTime()).isZero();
        gate.enter();
        Thread.sleep(60);
        gate.enter();
        assertThat(gate.waitingTime()).as("another batch is no progress").isGreaterThan(Duration.ofMillis(50));
        gate.withdraw();
        assertThat(gate.waitingTime()).as("a withdrawn batch is no progress").isGreaterThan(Duration.ofMillis(50));

        gate.enter();
        gate.leave();

        assertThat(gate.waitingTime()).isLessThan(Duration.ofMillis(50));
        gate.leave();
        assertThat(gate.waitingTime()).isZero();
        var end = new CompletableFuture<String>();
        alone("step", end);
        Thread.sleep(60);
        assertThat(gate.waitingTime()).isGreaterThan(Duration.ofMillis(50));
        end.complete("done");
        assertThat(gate.waitingTime()).isZero();
    }

    @Test
    void runsStepsOneAfterAnother() {
        var first = new CompletableFuture<String>();
        alone("first", first);
        var second = alone("second", CompletableFuture.completedFuture("2"));

        assertThat(started).containsExactly("first");
        first.completeExceptionally(new IllegalStateException("failed"));

        assertThat(started).containsExactly("first", "second");
        assertThat(second).isCompletedWithValue("2");
    }

    @Test
    void beginsNothingWhileHeld() {
        gate.hold(Duration.ofSeconds(10));
        alone("step", CompletableFuture.completedFuture("done"));

        assertThat(gate.enter()).isFalse();
        assertThat(started).isEmpty();
        gate.release();

        assertThat(started).containsExactly("step");
        assertThat(gate.enter()).isTrue();
    }

    @Test
    void holdsOnceTheLastBatchHasLeft() {
        gate.enter();
        gate.enter();

        var holding = CompletableFuture.runAsync(() -> gate.hold(Duration.ofSeconds(15)));
        gate.leave();

        assertThat(holding).isNotDone();
        gate.leave();
        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void holdsOnceTheStepHasEnded() {
        var end = new CompletableFuture<String>();
        alone("step", end);

        var holding = CompletableFuture.runAsync(() -> gate.hold(Duration.ofSeconds(15)));
        assertThat(holding).isNotDone();
        end.complete("done");

        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void holdsAtOnceWhenItStopsAwaitingTheStep() {
        alone("step", new CompletableFuture<>());

        var holding = CompletableFuture.runAsync(() -> gate.hold(Duration.ofSeconds(15)));
        gate.stopAwaitingStep();

        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void holdsNoLongerThanTheTimeout() {
        gate.enter();
        long start = System.nanoTime();

        gate.hold(Duration.ofMillis(50));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(49), Duration.ofSeconds(5));
    }

    @Test
    void restoresTheInterruptFlag() {
        gate.enter();
        Thread.currentThread().interrupt();

        gate.hold(Duration.ofSeconds(10));

        assertThat(Thread.interrupted()).isTrue();
    }
}
