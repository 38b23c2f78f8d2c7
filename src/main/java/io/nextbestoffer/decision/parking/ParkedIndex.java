package io.nextbestoffer.decision.parking;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.stage.Assignment;

/**
 * What is parked in the partitions of one assignment, as the table has it: their owner is the only one who parks and
 * releases there. Changed by one thread at a time (a batch being prepared, or a
 * step that runs alone); only {@link #size} and {@link #oldest} are read by others.
 */
public final class ParkedIndex {

    private static final String METADATA = "released=";

    private final Assignment assignment;
    private final Map<Integer, Partition> partitions = new HashMap<>();
    private volatile int size;
    private volatile @Nullable Instant oldest;

    /** @param customer null is an erased one */
    private record Parked(@Nullable String customer, Instant since) {
    }

    private static final class Partition {
        /** By offset, in the order in which they were parked. */
        private final Map<Long, Parked> parked = new LinkedHashMap<>();
        private final Map<String, Integer> waiting = new HashMap<>();
        private long released;
    }

    ParkedIndex(Assignment assignment) {
        this.assignment = assignment;
        for (TopicPartition topicPartition : assignment.partitions()) {
            var partition = new Partition();
            partition.released = number(assignment.committed().get(topicPartition));
            partitions.put(topicPartition.partition(), partition);
        }
    }

    Assignment assignment() {
        return assignment;
    }

    /** For each partition the number up to which releases are committed. */
    Map<Integer, Long> released() {
        var released = new HashMap<Integer, Long>();
        partitions.forEach((number, partition) -> released.put(number, partition.released));
        return released;
    }

    /** An activity waits if it is parked already, or its customer has one waiting in the same partition: order. */
    public boolean waits(int number, long offset, String customer) {
        Partition partition = partitions.get(number);
        return partition.waiting.containsKey(customer) || partition.parked.containsKey(offset);
    }

    /** In the order in which they were parked. */
    public void add(ParkedActivities.ParkedKey place, Instant since) {
        Partition partition = partitions.get(place.partition());
        if (partition.parked.putIfAbsent(place.offset(), new Parked(place.customer(), since)) == null) {
            size++;
            if (oldest == null || since.isBefore(oldest)) {
                oldest = since;
            }
            if (place.customer() != null) {
                partition.waiting.merge(place.customer(), 1, Integer::sum);
            }
        }
    }

    /** @param numbers the release numbers now committed, by partition */
    void remove(Collection<ParkedActivities.ParkedKey> gone, Map<Integer, Long> numbers) {
        for (var place : gone) {
            Partition partition = partitions.get(place.partition());
            Parked parked = partition.parked.remove(place.offset());
            if (parked != null) {
                size--;
                if (parked.customer() != null) {
                    partition.waiting.computeIfPresent(parked.customer(), (id, count) -> count == 1 ? null : count - 1);
                }
            }
        }
        oldest = partitions.values().stream().flatMap(partition -> partition.parked.values().stream().limit(1))
                .map(Parked::since).min(Instant::compareTo).orElse(null);
        numbers.forEach((partition, number) -> partitions.get(partition).released = number);
    }

    int size() {
        return size;
    }

    /** Since when the one waits that has waited longest; null if none does. */
    @Nullable
    Instant oldest() {
        return oldest;
    }

    static String metadata(long number) {
        return METADATA + number;
    }

    /** A partition committed by another tool may have any metadata, and then nothing was released. */
    private static long number(@Nullable OffsetAndMetadata offset) {
        if (offset == null || !offset.metadata().matches(METADATA + "\\d{1,18}")) {
            return 0;
        }
        return Long.parseLong(offset.metadata().substring(METADATA.length()));
    }
}
