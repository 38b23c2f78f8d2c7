package io.nextbestoffer.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nextbestoffer.activity.SampleActivities;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.strategy.SampleStrategies;

class DecisionWarmUpTest {

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    private Supplier<DecisionSession> sessions(String name) {
        var snapshot = SampleDecisions.of(SampleStrategies.shipped(name), SampleStrategies.shippedCatalog(name));
        return () -> new DecisionSession(snapshot, new OfferRecordFactory.JsonOfferRecordFactory("next-best-offers"),
                new DeadLetters("-dead-letter"), new DecisionLogWriter("decision-traces", 900_000), Clock.systemUTC(),
                metrics);
    }

    private int decide(String name, Duration limit) {
        return new DecisionWarmUp(Set.of(SampleStrategies.shipped(name)), SampleActivities.codec())
                .run(sessions(name), limit);
    }

    /** If invented values did not fit the declarations, no decision would be made and no code compiled. */
    @ParameterizedTest
    @ValueSource(strings = {"banking", "insurance", "private-banking"})
    void decidesWithEveryShippedStrategy(String name) {
        int decided = decide(name, Duration.ofSeconds(1));

        assertThat(decided).isPositive();
        assertThat(decided % 500).as("no activity is refused").isZero();
        assertThat(metrics.getMeters()).as("nothing is counted").isEmpty();
    }

    @Test
    void canBeTurnedOff() {
        assertThat(decide("banking", Duration.ZERO)).isZero();
    }
}
