package io.nextbestoffer.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import io.github.bucket4j.TimeMeter;

class RateLimitTest {

    private final AtomicLong now = new AtomicLong();
    private final RateLimit limit = new RateLimit(10, 100, new TimeMeter() {
        @Override
        public long currentTimeNanos() {
            return now.get();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    });

    @Test
    void limitsRequestsPerSecond() {
        assertThat(taken("a", 15)).isEqualTo(10);

        pass(Duration.ofMillis(300));
        assertThat(taken("a", 15)).isEqualTo(3);

        pass(Duration.ofMinutes(1));
        assertThat(taken("a", 15)).as("at most one second's worth accumulates").isEqualTo(10);
    }

    @Test
    void returnsTheTimeUntilTheNextRequest() {
        taken("a", 10);

        assertThat(limit.take("a").getNanosToWaitForRefill()).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void countsClientsSeparately() {
        taken("a", 15);

        assertThat(taken("b", 15)).isEqualTo(10);
    }

    @Test
    void boundsTheNumberOfClients() {
        for (int i = 0; i < 10_000; i++) {
            limit.take("client " + i);
        }

        assertThat(limit.remembered()).isLessThanOrEqualTo(100);
    }

    @Test
    void groupsIpv6AddressesByNetwork() {
        assertThat(ClientKey.network("198.51.100.7")).isEqualTo("198.51.100.7");
        assertThat(ClientKey.network("2001:db8:1:2:3:4:5:6")).isEqualTo(ClientKey.network("2001:db8:1:2::1"))
                .isNotEqualTo(ClientKey.network("2001:db8:1:3::1"));
        assertThat(ClientKey.network("::1%lo")).isNotEmpty();
    }

    private int taken(String client, int requests) {
        int taken = 0;
        for (int i = 0; i < requests; i++) {
            taken += limit.take(client).isConsumed() ? 1 : 0;
        }
        return taken;
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
