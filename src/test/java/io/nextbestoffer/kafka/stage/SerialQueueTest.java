package io.nextbestoffer.kafka.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.smallrye.mutiny.Uni;

@Timeout(20)
class SerialQueueTest {

    private final SerialQueue lane = new SerialQueue();
    private final List<String> started = new ArrayList<>();

    private CompletableFuture<String> run(String name, CompletableFuture<String> end) {
        return lane.run(() -> {
            started.add(name);
            return Uni.createFrom().completionStage(end);
        }).subscribeAsCompletionStage().toCompletableFuture();
    }

    private void assertFree() {
        assertThat(run("free", CompletableFuture.completedFuture("done"))).isCompletedWithValue("done");
    }

    @Test
    void runsOneStepAfterAnother() {
        var first = new CompletableFuture<String>();
        var second = new CompletableFuture<String>();
        var firstResult = run("first", first);
        var secondResult = run("second", second);
        var thirdResult = run("third", CompletableFuture.completedFuture("3"));

        assertThat(started).containsExactly("first");
        first.complete("1");
        assertThat(started).containsExactly("first", "second");
        assertThat(thirdResult).isNotDone();
        second.complete("2");

        assertThat(started).containsExactly("first", "second", "third");
        assertThat(List.of(firstResult.join(), secondResult.join(), thirdResult.join())).containsExactly("1", "2", "3");
    }

    @Test
    void startsOnSubscription() {
        Uni<String> step = lane.run(() -> {
            started.add("step");
            return Uni.createFrom().item("done");
        });

        assertThat(started).isEmpty();
        assertThat(step.subscribeAsCompletionStage()).isCompletedWithValue("done");
        assertThat(started).containsExactly("step");
    }

    @Test
    void continuesAfterAFailure() {
        var first = new CompletableFuture<String>();
        var failed = run("first", first);
        var next = run("second", CompletableFuture.completedFuture("2"));

        first.completeExceptionally(new IllegalStateException("expected"));

        assertThatThrownBy(failed::join).isInstanceOf(CompletionException.class).hasRootCauseMessage("expected");
        assertThat(next).isCompletedWithValue("2");
        assertFree();
    }

    @Test
    void continuesAfterAStepThatThrows() {
        var failed = lane.run(() -> {
            throw new IllegalStateException("expected");
        }).subscribeAsCompletionStage();

        assertThat(failed).isCompletedExceptionally();
        assertFree();
    }

    @Test
    void continuesAfterAStepWithoutResult() {
        assertThat(lane.run(() -> Uni.createFrom().voidItem()).subscribeAsCompletionStage()).isCompletedWithValue(null);
        assertThat(lane.<String>run(() -> null).subscribeAsCompletionStage()).isCompletedExceptionally();
        assertFree();
    }

    @Test
    void neverRunsTwoStepsAtOnce() throws InterruptedException {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var done = new AtomicInteger();
        var threads = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 400; i++) {
            threads.execute(() -> lane.run(() -> Uni.createFrom().item(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                Thread.yield();
                return running.decrementAndGet();
            }).runSubscriptionOn(threads)).subscribe().with(item -> done.incrementAndGet()));
        }

        while (done.get() < 400) {
            Thread.sleep(5);
        }
        threads.shutdown();

        assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        assertThat(most).hasValue(1);
    }
}
