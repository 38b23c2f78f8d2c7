package io.nextbestoffer.decision.parking;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.decision.parking.ParkedActivities.ParkedKey;
import io.nextbestoffer.kafka.stage.Assignment;

/**
 * Index of the activities that are parked in the partitions of one assignment. It always equals the table, because only
 * the owner of a partition parks and releases there. One thread at a time changes it (that of the batch being prepared,
 * or of a step that runs alone); other threads read only {@link #size} and {@link #oldest}.
 */
public final class ParkedIndex {

    private static final String METADATA = "released=";

    private final Assignment assignment;
    private final Map<Integer, Partition> partitions = new HashMap<>();
    private volatile int size;
    private volatile @Nullable Instant oldest;

    /** @param customer null if the customer was erased */
    private record Parked(@Nullable String customer, Instant since) {
    }

    private static final class Partition {
        /** By offset, in the order in which they were parked. */
        private final Map<Long, Parked> parked = new LinkedHashMap<>();
        /** The number of parked activities by customer. */
        private final Map<String, Integer> customers = new HashMap<>();
        /** The last committed release number. */
        private long released;
    }

    ParkedIndex(Assignment assignment) {
        this.assignment = assignment;
        for (TopicPartition topicPartition : assignment.partitions()) {
            var partition = new Partition();
            partition.released = releaseNumber(assignment.committed().get(topicPartition));
            partitions.put(topicPartition.partition(), partition);
        }
    }

    Assignment assignment() {
        return assignment;
    }

    /** The last committed release number of each partition. */
    public Map<Integer, Long> releasedNumbers() {
        var released = new HashMap<Integer, Long>();
        partitions.forEach((number, partition) -> released.put(number, partition.released));
        return released;
    }

    /** The next release number of each partition that has one of these activities. */
    public Map<Integer, Long> nextNumbers(Collection<ParkedKey> keys) {
        var next = new HashMap<Integer, Long>();
        keys.forEach(key -> next.put(key.partition(), partitions.get(key.partition()).released + 1));
        return next;
    }

    /**
     * Whether an activity must be parked even if its customer is known: it is parked already, or an earlier activity of
     * the same customer and partition is.
     */
    public boolean mustPark(int number, long offset, String customer) {
        Partition partition = partitions.get(number);
        return partition.customers.containsKey(customer) || partition.parked.containsKey(offset);
    }

    /** Adds activities in the order in which they were parked. */
    public void add(ParkedKey key, Instant since) {
        Partition partition = partitions.get(key.partition());
        if (partition.parked.putIfAbsent(key.offset(), new Parked(key.customer(), since)) == null) {
            size++;
            if (oldest == null || since.isBefore(oldest)) {
                oldest = since;
            }
            if (key.customer() != null) {
                partition.customers.merge(key.customer(), 1, Integer::sum);
            }
        }
    }

    /** @param numbers the release numbers that are now committed, by partition */
    public void remove(Collection<ParkedKey> released, Map<Integer, Long> numbers) {
        for (var key : released) {
            Partition partition = partitions.get(key.partition());
            Parked parked = partition.parked.remove(key.offset());
            if (parked != null) {
                size--;
                if (parked.customer() != null) {
                    partition.customers.computeIfPresent(parked.customer(),
                            (id, count) -> count == 1 ? null : count - 1);
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

    /** When the activity that has waited longest was parked; null if none is parked. */
    @Nullable
    Instant oldest() {
        return oldest;
    }

    /** The offset metadata that commits a release number. */
    public static String metadata(long number) {
        return METADATA + number;
    }

    /**
     * Returns the release number in offset metadata; 0 if another tool has committed the partition with other metadata.
     */
    private static long releaseNumber(@Nullable OffsetAndMetadata offset) {
        if (offset == null || !offset.metadata().matches(METADATA + "\\d{1,18}")) {
            return 0;
        }
        return Long.parseLong(offset.metadata().substring(METADATA.length()));
    }
}
