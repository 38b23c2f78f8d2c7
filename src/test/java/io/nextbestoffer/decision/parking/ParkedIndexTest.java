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

    private final ParkedIndex index = index(null, null);

    private static ParkedIndex index(OffsetAndMetadata... committed) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (int i = 0; i < committed.length; i++) {
            offsets.put(partition(i), committed[i]);
        }
        return new ParkedIndex(SampleAssignments.open(offsets));
    }

    private void add(ParkedKey... parked) {
        Arrays.asList(parked).forEach(key -> index.add(key, NOW));
    }

    private void remove(ParkedKey... released) {
        index.remove(Arrays.asList(released), Map.of());
    }

    @Test
    void parksBehindAParkedActivityOfTheSameCustomer() {
        add(new ParkedKey(0, 5, "c"));

        assertThat(index.mustPark(0, 6, "c")).isTrue();
        assertThat(index.mustPark(0, 6, "other")).isFalse();
        assertThat(index.mustPark(1, 6, "c")).isFalse();
        assertThat(index.size()).isEqualTo(1);
    }

    @Test
    void parksAnAlreadyParkedActivity() {
        add(new ParkedKey(0, 5, null));

        assertThat(index.mustPark(0, 5, "c")).isTrue();
        assertThat(index.mustPark(0, 6, "c")).isFalse();
    }

    @Test
    void parksUntilAllActivitiesOfTheCustomerAreReleased() {
        add(new ParkedKey(0, 5, "c"), new ParkedKey(0, 7, "c"));

        remove(new ParkedKey(0, 5, "c"));

        assertThat(index.mustPark(0, 8, "c")).isTrue();
        remove(new ParkedKey(0, 7, "c"));
        assertThat(index.mustPark(0, 8, "c")).isFalse();
        assertThat(index.size()).isZero();
    }

    @Test
    void countsARepeatedActivityOnce() {
        add(new ParkedKey(0, 5, "c"));
        add(new ParkedKey(0, 5, "c"), new ParkedKey(0, 5, "c"));

        assertThat(index.size()).isEqualTo(1);
        remove(new ParkedKey(0, 5, "c"), new ParkedKey(0, 5, "c"));
        assertThat(index.size()).isZero();
        assertThat(index.mustPark(0, 6, "c")).isFalse();
    }

    /** The release no longer has a customer id; the index still has the id from the time of parking. */
    @Test
    void parksNothingBehindAReleasedActivityOfAnErasedCustomer() {
        add(new ParkedKey(0, 5, "c"));

        remove(new ParkedKey(0, 5, null));

        assertThat(index.mustPark(0, 6, "c")).isFalse();
        assertThat(index.size()).isZero();
    }

    @Test
    void ignoresTheReleaseOfAnActivityThatIsNotParked() {
        add(new ParkedKey(0, 5, "c"));

        remove(new ParkedKey(0, 6, "c"), new ParkedKey(1, 5, "c"));

        assertThat(index.size()).isEqualTo(1);
        assertThat(index.mustPark(0, 9, "c")).isTrue();
    }

    @Test
    void returnsWhenTheOldestActivityWasParked() {
        assertThat(index.oldest()).isNull();

        index.add(new ParkedKey(0, 5, "c"), NOW);
        index.add(new ParkedKey(1, 2, "d"), NOW.minusSeconds(1));
        index.add(new ParkedKey(0, 6, "c"), NOW.plusSeconds(1));
        index.add(new ParkedKey(0, 6, "c"), NOW.minusSeconds(9)); // ignored: it is parked already
        assertThat(index.oldest()).isEqualTo(NOW.minusSeconds(1));

        remove(new ParkedKey(1, 2, "d"));
        assertThat(index.oldest()).isEqualTo(NOW);
        remove(new ParkedKey(0, 5, "c"));
        assertThat(index.oldest()).isEqualTo(NOW.plusSeconds(1));
        remove(new ParkedKey(0, 6, "c"));
        assertThat(index.oldest()).isNull();
    }

    @Test
    void numbersReleasesByPartition() {
        index.remove(List.of(), Map.of(1, 42L));

        assertThat(index.nextNumbers(List.of(new ParkedKey(0, 5, "c"), new ParkedKey(1, 2, "d"),
                new ParkedKey(1, 3, null)))).isEqualTo(Map.of(0, 1L, 1, 43L));
    }

    @Test
    void readsReleaseNumbersFromMetadata() {
        index.remove(List.of(), Map.of(1, 42L));
        var next = index(new OffsetAndMetadata(1, ParkedIndex.metadata(index.releasedNumbers().get(0))),
                new OffsetAndMetadata(1, ParkedIndex.metadata(index.releasedNumbers().get(1))));

        assertThat(index.releasedNumbers()).isEqualTo(Map.of(0, 0L, 1, 42L));
        assertThat(next.releasedNumbers()).isEqualTo(Map.of(0, 0L, 1, 42L));
        assertThat(ParkedIndex.metadata(42)).isEqualTo("released=42");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "released=", "released=-1", "released=x", "released=1 ", "x released=1", "Released=1",
            "released=9999999999999999999", "released=1\n", "someone's note"})
    void treatsUnknownMetadataAsNothingReleased(String metadata) {
        assertThat(index(new OffsetAndMetadata(1, metadata)).releasedNumbers()).isEqualTo(Map.of(0, 0L));
    }
}
