package io.nextbestoffer.decision.parking;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.kafka.fencing.PartitionFence;
import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.StageConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** The partitions that this replica owns in Postgres: their claims, and the activities parked in them. */
@ApplicationScoped
public class PartitionOwnership {

    private final Pool postgres;
    private final PartitionFence fence;
    private final ParkedActivities parked;
    private final ParkingConfig config;
    private final MeterRegistry metrics;
    private volatile @Nullable ParkedIndex parkedIndex;
    private volatile boolean full;

    /**
     * Fails, which stops the start, if the capacity is too small to ever park a full batch while other activities are
     * parked.
     */
    PartitionOwnership(Pool postgres, PartitionFence fence, ParkedActivities parked, ParkingConfig config,
            StageConfig stage, Clock clock, MeterRegistry metrics) {
        if (config.capacity() < 2 * stage.batch().records()) {
            throw new IllegalStateException("nbo.parking.capacity=" + config.capacity()
                    + " must be at least twice nbo.stream.batch.records=" + stage.batch().records());
        }
        this.postgres = postgres;
        this.fence = fence;
        this.parked = parked;
        this.config = config;
        this.metrics = metrics;
        countParked(0);
        countReleased(0);
        Gauge.builder("nbo.parked.activities", this, PartitionOwnership::size)
                .description("Activities parked in the partitions of this replica").register(metrics);
        Gauge.builder("nbo.parked.oldest", () -> age(clock).toMillis() / 1e3).baseUnit("seconds")
                .description("Age of the activity that has been parked longest; 0 if none is parked")
                .register(metrics);
    }

    public Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return fence.claim(assignment)
                .chain(claimed -> claimed ? Uni.createFrom().voidItem() : fence.claimByProof(assignment, proof));
    }

    /** Continues where the last owner stopped, according to the committed offsets and their metadata. */
    public Uni<Void> resume(Assignment assignment) {
        if (assignment.partitions().isEmpty()) {
            parkedIndex = null;
            return Uni.createFrom().voidItem();
        }
        var resumed = new ParkedIndex(assignment);
        UUID topicId = topicId(assignment);
        Collection<Integer> partitions = assignment.partitions().stream().map(TopicPartition::partition).toList();
        return write(assignment,
                transaction -> parked.resetUncommitted(transaction, topicId, resumed.releasedNumbers()))
                .chain(() -> parked.deleteReleased(topicId, resumed.releasedNumbers()))
                .chain(() -> parked.waiting(topicId, partitions))
                .invoke(waiting -> {
                    waiting.forEach(one -> resumed.add(one.key(), one.parkedAt()));
                    parkedIndex = resumed;
                })
                .replaceWithVoid();
    }

    /** Runs writes in a transaction that holds the claims of all partitions; fails if one is lost. */
    public Uni<Void> write(Assignment assignment, Function<SqlConnection, Uni<Void>> writes) {
        return postgres.withTransaction(
                transaction -> fence.hold(transaction, assignment).chain(() -> writes.apply(transaction)));
    }

    /** The index for work under this assignment. */
    public ParkedIndex parkedIndex(Assignment assignment) {
        ParkedIndex current = parkedIndex;
        if (current == null || current.assignment() != assignment) {
            throw new IllegalStateException("parked activities are not loaded for this assignment");
        }
        return current;
    }

    public Uni<Void> park(SqlConnection transaction, List<ParkedActivities.NewParkedActivity> activities) {
        return parked.park(transaction, activities);
    }

    /** Whether this many more activities could be parked. */
    public boolean hasRoom(int activities, int inFlight) {
        int size = size();
        full = size > 0 && size + activities > config.capacity();
        return !full && (size == 0 || size + inFlight + activities <= config.capacity());
    }

    /** Whether a batch waits until activities are released. */
    public boolean isFull() {
        return full;
    }

    public int size() {
        ParkedIndex current = parkedIndex;
        return current == null ? 0 : current.size();
    }

    private Duration age(Clock clock) {
        ParkedIndex current = parkedIndex;
        Instant oldest = current == null ? null : current.oldest();
        return oldest == null ? Duration.ZERO : Duration.between(oldest, clock.instant());
    }

    public void countParked(int activities) {
        metrics.counter("nbo.parked").increment(activities);
    }

    public void countReleased(int activities) {
        metrics.counter("nbo.released").increment(activities);
    }

    /** The id of the topic that all partitions belong to. */
    public static UUID topicId(Assignment assignment) {
        return assignment.topicId(assignment.partitions().iterator().next().topic());
    }
}
