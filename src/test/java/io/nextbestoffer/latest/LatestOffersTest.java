package io.nextbestoffer.latest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.kafka.topic.RecordPosition;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LatestOffersTest {

    private static final UUID TOPIC = new UUID(0, 1);
    private static final UUID RECREATED = new UUID(0, 2);

    /** A decision whose position and time matter; all other fields are arbitrary. */
    private static LatestOffers.Decided decided(UUID topic, int partition, long offset, long time) {
        return new LatestOffers.Decided(new RecordPosition(topic, partition, offset), time, "1", new UUID(0, 0),
                Instant.EPOCH,
                new LineIndex.Slice(new byte[0], 0, 0), null);
    }

    @Test
    void laterOffsetReplacesRegardlessOfTheTime() {
        assertThat(decided(TOPIC, 0, 2, 1).replaces(decided(TOPIC, 0, 1, 9))).isTrue();
        assertThat(decided(TOPIC, 0, 1, 9).replaces(decided(TOPIC, 0, 2, 1))).isFalse();
    }

    @Test
    void replayReplacesItsPreviousAttempt() {
        assertThat(decided(TOPIC, 0, 2, 5).replaces(decided(TOPIC, 0, 2, 5))).isTrue();
    }

    @Test
    void timeDecidesAcrossPartitionsAndTopics() {
        for (LatestOffers.Decided old : new LatestOffers.Decided[]{decided(TOPIC, 1, 9, 5),
                decided(RECREATED, 0, 9, 5)}) {
            assertThat(decided(TOPIC, 0, 1, 6).replaces(old)).isTrue();
            assertThat(decided(TOPIC, 0, 1, 5).replaces(old)).isTrue();
            assertThat(decided(TOPIC, 0, 99, 4).replaces(old)).isFalse();
        }
    }

    @Property
    void atLeastOneOfTwoReplacesTheOther(@ForAll boolean sameTopic, @ForAll boolean samePartition, @ForAll long offset,
            @ForAll long time, @ForAll long otherOffset, @ForAll long otherTime) {
        LatestOffers.Decided one = decided(TOPIC, 0, offset, time);
        LatestOffers.Decided other = decided(sameTopic ? TOPIC : RECREATED, samePartition ? 0 : 1, otherOffset,
                otherTime);

        assertThat(one.replaces(other) || other.replaces(one)).isTrue();
    }
}
