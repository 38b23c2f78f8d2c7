package io.nextbestoffer.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class PacingTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 50);
    private boolean isBusy = true;
    private final Pacing pacing = new Pacing(() -> isBusy, now::get);

    @Test
    void limitsJobsToATwentiethOfTheTimeWhileActivitiesAreQueued() {
        assertThat(pacing.mayBegin()).isTrue();

        pacing.begin();
        now.addAndGet(100);
        pacing.end();
        now.addAndGet(1899);

        assertThat(pacing.mayBegin()).isFalse();
        now.addAndGet(1);
        assertThat(pacing.mayBegin()).isTrue();
    }

    @Test
    void limitsNothingWhileNoActivitiesAreQueued() {
        isBusy = false;
        pacing.begin();
        now.addAndGet(100);
        pacing.end();

        assertThat(pacing.mayBegin()).isTrue();
    }
}
