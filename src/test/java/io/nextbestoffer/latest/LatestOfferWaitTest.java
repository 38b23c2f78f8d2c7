package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.nextbestoffer.kafka.topic.RecordPosition;

class LatestOfferWaitTest {

    private static final UUID TOPIC = new UUID(0, 1);

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", textBlock = """
            wait=2 | 2
            Wait = 2 | 2
            wait="3" | 3
            respond-async, wait=10 | 10
            respond-async; wait=1; foo | 1
            wait=0 | 0
            wait=86400 | 10
            wait=999999999 | 10
            wait=9999999999 | null
            wait=-1 | null
            wait=1.5 | null
            wait=two | null
            await=2 | null
            return=minimal | null
            null | null
            """)
    void readsThePreferredWait(@Nullable String prefer, @Nullable Integer seconds) {
        assertThat(LatestOfferWait.preferred(prefer)).isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
    }

    private static LatestOffers.Found stored(int partition, long offset) {
        return new LatestOffers.Found(true, "{}", null, new RecordPosition(TOPIC, partition, offset));
    }

    private static LatestOfferWait.Awaited awaited(int partition, long offset) {
        return new LatestOfferWait.Awaited(new RecordPosition(TOPIC, partition, offset).decisionId());
    }

    @Test
    void isReachedByTheDecisionOrALaterOne() {
        assertThat(awaited(3, 4_000).isReachedBy(stored(3, 4_000))).isTrue();
        assertThat(awaited(3, 3_999).isReachedBy(stored(3, 4_000))).isTrue();
        assertThat(awaited(3, 2_000).isReachedBy(stored(3, 4_000))).isTrue();
        assertThat(awaited(3, 4_001).isReachedBy(stored(3, 4_000))).as("a later one").isFalse();
        assertThat(awaited(2, 3_999).isReachedBy(stored(3, 4_000))).as("of another partition").isFalse();
        assertThat(new LatestOfferWait.Awaited(new UUID(0, 0)).isReachedBy(stored(3, 0))).isFalse();
    }

    @Test
    void comparesOnlyNewPositionsAgain() {
        var awaited = awaited(3, 100);

        assertThat(awaited.isReachedBy(stored(3, 50))).isFalse();
        assertThat(awaited.isReachedBy(stored(3, 50))).isFalse();
        assertThat(awaited.isReachedBy(stored(3, 200))).isTrue();
    }

    @Test
    void anyOfferReachesNoDecision() {
        var awaited = new LatestOfferWait.Awaited(null);

        assertThat(awaited.isReachedBy(new LatestOffers.Found(true, null, null, null))).isFalse();
        assertThat(awaited.isReachedBy(stored(0, 0))).isTrue();
    }

    @Test
    void isReachedByAnOfferWhosePositionIsThatOfTheOfferItself() {
        UUID decision = new RecordPosition(TOPIC, 3, 100).decisionId();
        var restored = new LatestOffers.Found(true, "{\"decision_id\":\"" + decision + "\"}", null,
                new RecordPosition(new UUID(0, 2), 0, 7));

        assertThat(new LatestOfferWait.Awaited(decision).isReachedBy(restored)).isTrue();
    }
}
