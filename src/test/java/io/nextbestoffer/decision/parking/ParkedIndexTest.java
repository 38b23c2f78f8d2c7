package io.nextbestoffer.decision.parking;

import static io.nextbestoffer.kafka.stage.SampleAssignments.partition;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.decision.parking.ParkedActivities.ParkedKey;
import io.nextbestoffer.kafka.stage.SampleAssignments;

class ParkedIndexTest {

    private static final Instant NOW = Instant.parse("2026-11-21T22:00:00Z");

    private final ParkedIndex places = places(null, null);

    private static ParkedIndex places(OffsetAndMetadata... committed) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (int i = 0; i < committed.length; i++) {
            offsets.put(partition(i), committed[i]);
        }
        return new ParkedIndex(SampleAssignments.open(offsets));
    }

    private void add(ParkedKey... parked) {
        Arrays.asList(parked).forEach(place -> places.add(place, NOW));
    }

    private void remove(ParkedKey... gone) {
        places.remove(Arrays.asList(gone), Map.of());
    }

    @Test
    void letACustomerWaitBehindHisParkedActivity() {
        add(new ParkedKey(0, 5, "c"));

        assertThat(places.waits(0, 6, "c")).isTrue();
        assertThat(places.waits(0, 6, "other")).isFalse();
        assertThat(places.waits(1, 6, "c")).isFalse();
        assertThat(places.size()).isEqualTo(1);
    }

    @Test
    void letAnActivityWaitThatIsParkedAlready() {
        add(new ParkedKey(0, 5, null));

        assertThat(places.waits(0, 5, "c")).isTrue();
        assertThat(places.waits(0, 6, "c")).isFalse();
    }

    @Test
    void letACustomerWaitUntilAllHisActivitiesAreReleased() {
        add(new ParkedKey(0, 5, "c"), new ParkedKey(0, 7, "c"));

        remove(new ParkedKey(0, 5, "c"));

        assertThat(places.waits(0, 8, "c")).isTrue();
        remove(new ParkedKey(0, 7, "c"));
        assertThat(places.waits(0, 8, "c")).isFalse();
        assertThat(places.size()).isZero();
    }

    @Test
    void countARepeatedActivityOnce() {
        add(new ParkedKey(0, 5, "c"));
        add(new ParkedKey(0, 5, "c"), new ParkedKey(0, 5, "c"));

        assertThat(places.size()).isEqualTo(1);
        remove(new ParkedKey(0, 5, "c"), new ParkedKey(0, 5, "c"));
        assertThat(places.size()).isZero();
        assertThat(places.waits(0, 6, "c")).isFalse();
    }

    /** The release knows him as erased; what was remembered at parking counts. */
    @Test
    void letNobodyWaitForACustomerWhoWasErasedMeanwhile() {
        add(new ParkedKey(0, 5, "c"));

        remove(new ParkedKey(0, 5, null));

        assertThat(places.waits(0, 6, "c")).isFalse();
        assertThat(places.size()).isZero();
    }

    @Test
    void ignoreTheReleaseOfWhatIsNotParked() {
        add(new ParkedKey(0, 5, "c"));

        remove(new ParkedKey(0, 6, "c"), new ParkedKey(1, 5, "c"));

        assertThat(places.size()).isEqualTo(1);
        assertThat(places.waits(0, 9, "c")).isTrue();
    }

    @Test
    void tellSinceWhenTheOldestWaits() {
        assertThat(places.oldest()).isNull();

        places.add(new ParkedKey(0, 5, "c"), NOW);
        places.add(new ParkedKey(1, 2, "d"), NOW.minusSeconds(1));
        places.add(new ParkedKey(0, 6, "c"), NOW.plusSeconds(1));
        places.add(new ParkedKey(0, 6, "c"), NOW.minusSeconds(9)); // again: it was parked before
        assertThat(places.oldest()).isEqualTo(NOW.minusSeconds(1));

        remove(new ParkedKey(1, 2, "d"));
        assertThat(places.oldest()).isEqualTo(NOW);
        remove(new ParkedKey(0, 5, "c"));
        assertThat(places.oldest()).isEqualTo(NOW.plusSeconds(1));
        remove(new ParkedKey(0, 6, "c"));
        assertThat(places.oldest()).isNull();
    }

    @Test
    void carryTheReleaseNumbersThroughTheMetadata() {
        places.remove(List.of(), Map.of(1, 42L));
        var next = places(new OffsetAndMetadata(1, ParkedIndex.metadata(places.released().get(0))),
                new OffsetAndMetadata(1, ParkedIndex.metadata(places.released().get(1))));

        assertThat(places.released()).isEqualTo(Map.of(0, 0L, 1, 42L));
        assertThat(next.released()).isEqualTo(Map.of(0, 0L, 1, 42L));
        assertThat(ParkedIndex.metadata(42)).isEqualTo("released=42");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "released=", "released=-1", "released=x", "released=1 ", "x released=1", "Released=1",
            "released=9999999999999999999", "released=1\n", "someone's note"})
    void takeForeignMetadataForNothingReleased(String metadata) {
        assertThat(places(new OffsetAndMetadata(1, metadata)).released()).isEqualTo(Map.of(0, 0L));
    }
}
