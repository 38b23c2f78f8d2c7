package io.nextbestoffer.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class PacingTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 50);
    private final Pacing pacing = new Pacing(now::get);

    @Test
    void worksATenthOfTheTimeWhileOthersWait() {
        assertThat(pacing.mayBegin(true)).isTrue();

        pacing.begin();
        now.addAndGet(100);
        pacing.end();
        now.addAndGet(899);

        assertThat(pacing.mayBegin(true)).isFalse();
        now.addAndGet(1);
        assertThat(pacing.mayBegin(true)).isTrue();
    }

    @Test
    void worksAllTheTimeElse() {
        pacing.begin();
        now.addAndGet(100);
        pacing.end();

        assertThat(pacing.mayBegin(false)).isTrue();
    }
}
