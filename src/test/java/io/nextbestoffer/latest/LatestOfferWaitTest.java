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

    @Test
    void recognizesEarlierDecisionsOfThePartition() {
        var latest = new RecordPosition(TOPIC, 3, 4_000);

        assertThat(LatestOfferWait.isEarlier(new RecordPosition(TOPIC, 3, 3_999).decisionId(), latest)).isTrue();
        assertThat(LatestOfferWait.isEarlier(new RecordPosition(TOPIC, 3, 0).decisionId(), latest)).isTrue();
        assertThat(LatestOfferWait.isEarlier(new RecordPosition(TOPIC, 3, 4_001).decisionId(), latest)).isFalse();
        assertThat(LatestOfferWait.isEarlier(new RecordPosition(TOPIC, 2, 3_999).decisionId(), latest)).isFalse();
        assertThat(LatestOfferWait.isEarlier(new UUID(0, 0), new RecordPosition(TOPIC, 3, 0))).isFalse();
    }
}
