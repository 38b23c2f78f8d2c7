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

    private final InFlightGate flow = new InFlightGate(2);
    private final List<String> started = new ArrayList<>();

    private CompletableFuture<String> alone(String name, CompletableFuture<String> end) {
        return flow.<String>alone(() -> {
            started.add(name);
            return Uni.createFrom().completionStage(end);
        }).subscribeAsCompletionStage().toCompletableFuture();
    }

    @Test
    void letsAFewBatchesInAtATime() {
        assertThat(flow.enter()).isTrue();
        assertThat(flow.enter()).isTrue();
        assertThat(flow.enter()).isFalse();

        flow.leave();

        assertThat(flow.enter()).isTrue();
    }

    @Test
    void runsAStepAloneOnceTheBatchesHaveLeft() {
        flow.enter();
        var end = new CompletableFuture<String>();

        var step = alone("step", end);

        assertThat(started).isEmpty();
        assertThat(flow.enter()).as("a batch behind a waiting step").isFalse();
        flow.leave();
        assertThat(started).containsExactly("step");
        assertThat(flow.enter()).as("a batch beside a step").isFalse();
        end.complete("done");
        assertThat(step).isCompletedWithValue("done");
        assertThat(flow.enter()).isTrue();
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
    void beginsNothingWhileItIsHeld() {
        flow.hold(Duration.ofSeconds(10));
        alone("step", CompletableFuture.completedFuture("done"));

        assertThat(flow.enter()).isFalse();
        assertThat(started).isEmpty();
        flow.release();

        assertThat(started).containsExactly("step");
        assertThat(flow.enter()).isTrue();
    }

    @Test
    void isHeldOnceTheLastBatchHasLeft() {
        flow.enter();
        flow.enter();

        var holding = CompletableFuture.runAsync(() -> flow.hold(Duration.ofSeconds(15)));
        flow.leave();

        assertThat(holding).isNotDone();
        flow.leave();
        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void isHeldOnceTheStepHasEnded() {
        var end = new CompletableFuture<String>();
        alone("step", end);

        var holding = CompletableFuture.runAsync(() -> flow.hold(Duration.ofSeconds(15)));
        assertThat(holding).isNotDone();
        end.complete("done");

        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void doesNotWaitForAStepThatIsExcused() {
        alone("step", new CompletableFuture<>());

        var holding = CompletableFuture.runAsync(() -> flow.hold(Duration.ofSeconds(15)));
        flow.excuse();

        assertThat(holding).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void waitsNoLongerThanAsked() {
        flow.enter();
        long start = System.nanoTime();

        flow.hold(Duration.ofMillis(50));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(49), Duration.ofSeconds(5));
    }

    @Test
    void keepsAnInterruption() {
        flow.enter();
        Thread.currentThread().interrupt();

        flow.hold(Duration.ofSeconds(10));

        assertThat(Thread.interrupted()).isTrue();
    }
}
