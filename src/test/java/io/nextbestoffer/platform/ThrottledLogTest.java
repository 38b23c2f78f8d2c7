package io.nextbestoffer.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class ThrottledLogTest {

    private final AtomicLong nanoTime = new AtomicLong(-5);
    private final List<Long> lines = new ArrayList<>();
    private final ThrottledLog log = new ThrottledLog(lines::add, nanoTime::get);

    @Test
    void logsTheFirstEventAtOnceAndThenOneLinePerMinute() {
        log.event();
        assertThat(lines).containsExactly(1L);

        for (int second = 0; second < 59; second++) {
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            log.event();
        }
        assertThat(lines).containsExactly(1L);

        nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
        log.event();
        assertThat(lines).containsExactly(1L, 60L);
    }
}
