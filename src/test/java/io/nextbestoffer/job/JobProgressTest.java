package io.nextbestoffer.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.job.JobProgress.Report;
import io.nextbestoffer.job.JobProgress.Signal;

class JobProgressTest {

    private final AtomicBoolean busy = new AtomicBoolean();
    private final JobProgress progress = new JobProgress(SampleJobs.running(2, null),
            new Pacing(busy::get, System::nanoTime));

    @Test
    void keepsTheProgressOfThePreviousAttemptUntilTheTaskReports() {
        assertThat(progress.attempt()).isEqualTo(2);
        assertThat(progress.startedBy()).isEqualTo("jane");
        assertThat(progress.report()).isEqualTo(new Report(3, 7L, null));

        progress.at(1, null, "{\"offset\":1}");
        progress.at(2, 9L);

        assertThat(progress.report()).as("keeps its checkpoint").isEqualTo(new Report(2, 9L, "{\"offset\":1}"));
    }

    @Test
    void blocksThePausedTaskUntilItIsResumed() throws Exception {
        progress.pause();
        CompletableFuture<Void> step = CompletableFuture.runAsync(() -> progress.at(4, 7L));

        await().during(Duration.ofMillis(200)).until(() -> !step.isDone());
        assertThat(progress.report().done()).as("is reported before the pause").isEqualTo(4);

        progress.resume();
        step.get(5, TimeUnit.SECONDS);
    }

    @Test
    void endsAStoppedTaskEvenIfItIsPaused() {
        progress.pause();
        CompletableFuture<Void> step = CompletableFuture.runAsync(() -> progress.at(4, 7L));

        progress.stop();

        assertThatThrownBy(() -> step.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(JobStoppedException.class);
        progress.resume();
        assertThat(progress.signal()).as("a stop is final").isEqualTo(Signal.STOP);
    }

    @Test
    void endsAStoppedTaskWhileActivitiesAreQueued() {
        busy.set(true);
        CompletableFuture<Void> step = CompletableFuture.runAsync(() -> progress.at(4, 7L));

        progress.stop();

        assertThatThrownBy(() -> step.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(JobStoppedException.class);
    }
}
