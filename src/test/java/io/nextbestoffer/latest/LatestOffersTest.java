package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.decision.DecisionStore.Decided;
import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LatestOffersTest {

    private static final UUID TOPIC = new UUID(0, 1);
    private static final UUID RECREATED = new UUID(0, 2);

    /** A decision whose position and time matter; all other fields are arbitrary. */
    private static Decided decided(UUID topic, int partition, long offset, long time) {
        return new Decided(new RecordPosition(topic, partition, offset), time, "1", "banking", Id.of(1), new byte[0],
                null);
    }

    @Test
    void laterOffsetReplacesRegardlessOfTheTime() {
        assertThat(LatestOffers.replaces(decided(TOPIC, 0, 2, 1), decided(TOPIC, 0, 1, 9))).isTrue();
        assertThat(LatestOffers.replaces(decided(TOPIC, 0, 1, 9), decided(TOPIC, 0, 2, 1))).isFalse();
    }

    @Test
    void replayReplacesItsPreviousAttempt() {
        assertThat(LatestOffers.replaces(decided(TOPIC, 0, 2, 5), decided(TOPIC, 0, 2, 5))).isTrue();
    }

    @Test
    void timeDecidesAcrossPartitionsAndTopics() {
        for (Decided old : new Decided[]{decided(TOPIC, 1, 9, 5), decided(RECREATED, 0, 9, 5)}) {
            assertThat(LatestOffers.replaces(decided(TOPIC, 0, 1, 6), old)).isTrue();
            assertThat(LatestOffers.replaces(decided(TOPIC, 0, 1, 5), old)).isTrue();
            assertThat(LatestOffers.replaces(decided(TOPIC, 0, 99, 4), old)).isFalse();
        }
    }

    @Property
    void atLeastOneOfTwoReplacesTheOther(@ForAll boolean sameTopic, @ForAll boolean samePartition, @ForAll long offset,
            @ForAll long time, @ForAll long otherOffset, @ForAll long otherTime) {
        Decided one = decided(TOPIC, 0, offset, time);
        Decided other = decided(sameTopic ? TOPIC : RECREATED, samePartition ? 0 : 1, otherOffset, otherTime);

        assertThat(LatestOffers.replaces(one, other) || LatestOffers.replaces(other, one)).isTrue();
    }
}
