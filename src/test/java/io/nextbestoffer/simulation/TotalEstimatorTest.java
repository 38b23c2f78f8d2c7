package io.nextbestoffer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

class TotalEstimatorTest {

    private static final Instant FIRST = Instant.parse("2026-03-01T00:00:00Z");

    private final TotalEstimator total = new TotalEstimator(FIRST.plus(Duration.ofDays(365)));

    @Test
    void estimatesNothingWhileAllDecisionsHaveTheSameTime() {
        assertThat(total.total()).isNull();
        total.read(FIRST);
        total.read(FIRST);
        assertThat(total.total()).isNull();
    }

    @Test
    void extrapolatesTheRateOfTheDecisionsRead() {
        for (int day = 0; day <= 73; day++) {
            total.read(FIRST.plus(Duration.ofDays(day)));
        }

        assertThat(total.total()).isEqualTo(74 * 5);
    }

    @Test
    void neverEstimatesLessThanTheDecisionsRead() {
        total.read(FIRST);
        total.read(FIRST.plus(Duration.ofDays(400)));

        assertThat(total.total()).isEqualTo(2);
    }
}
