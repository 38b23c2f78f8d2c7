package io.nextbestoffer.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.job.JobProgress.Report;
import io.nextbestoffer.job.JobProgress.Signal;

class HeldJobTest {

    private final JobProgress progress = new JobProgress(SampleJobs.running(2, null),
            new Pacing(() -> false, System::nanoTime));
    private final HeldJob job = new HeldJob(SampleJobs.kind("sample", false), null);

    @Test
    void takesNoSlotBeforeItStarts() {
        job.follow(JobState.PAUSED);

        assertThat(job.isStarted()).isFalse();
        assertThat(job.isBusy()).isFalse();
        assertThat(job.attempt()).isZero();
        assertThat(job.report()).isEqualTo(new Report(0, null, null));
    }

    @Test
    void followsTheStateInPostgres() {
        job.start(progress);
        assertThat(job.isBusy()).isTrue();
        assertThat(job.attempt()).isEqualTo(2);

        job.follow(JobState.PAUSED);
        assertThat(progress.signal()).isEqualTo(Signal.PAUSE);
        assertThat(job.isBusy()).as("leaves its slot to others").isFalse();

        job.follow(JobState.QUEUED);
        assertThat(progress.signal()).as("waits for a slot").isEqualTo(Signal.PAUSE);

        job.follow(JobState.RUNNING);
        assertThat(progress.signal()).isEqualTo(Signal.RUN);
    }

    @Test
    void stopsIfItsReplicaNoLongerHoldsIt() {
        job.start(progress);

        job.follow(null);

        assertThat(progress.signal()).isEqualTo(Signal.STOP);
        assertThat(job.isBusy()).as("until its thread ends").isTrue();
    }
}
