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
import io.nextbestoffer.decision.DecisionStore;
import io.nextbestoffer.kafka.fencing.FencingClaims;
import io.nextbestoffer.kafka.fencing.PartitionFence;
import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.StageConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** What this replica owns in Postgres: its partitions' claims, and what is parked there. */
@ApplicationScoped
public class PartitionOwnership {

    private final Pool postgres;
    private final PartitionFence claims;
    private final ParkedActivities parked;
    private final ParkingConfig config;
    private volatile @Nullable ParkedIndex places;
    private volatile boolean full;

    /** Stops the start if no batch would ever have room behind a parked activity. */
    PartitionOwnership(Pool postgres, PartitionFence claims, ParkedActivities parked, ParkingConfig config,
            StageConfig stream, Clock clock, MeterRegistry metrics) {
        if (config.capacity() < 2 * stream.batch().records()) {
            throw new IllegalStateException("nbo.parking.capacity=" + config.capacity()
                    + " must be at least twice nbo.stream.batch.records=" + stream.batch().records());
        }
        this.postgres = postgres;
        this.claims = claims;
        this.parked = parked;
        this.config = config;
        Gauge.builder("nbo.parked.activities", this, PartitionOwnership::size)
                .description("Activities that wait for their customer in this replica's partitions").register(metrics);
        Gauge.builder("nbo.parked.oldest", () -> age(clock).toMillis() / 1e3).baseUnit("seconds")
                .description("For how long the one has waited that has waited longest; 0 if none waits")
                .register(metrics);
    }

    public Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return claims.claim(assignment)
                .chain(had -> had ? Uni.createFrom().voidItem() : claims.claimByProof(assignment, proof));
    }

    /** Takes over where the committed offsets say the last owner was. */
    public Uni<Void> resume(Assignment assignment) {
        if (assignment.partitions().isEmpty()) {
            places = null;
            return Uni.createFrom().voidItem();
        }
        var resumed = new ParkedIndex(assignment);
        UUID topicId = topicId(assignment);
        Collection<Integer> partitions = assignment.partitions().stream().map(TopicPartition::partition).toList();
        return own(assignment, transaction -> parked.takeBack(transaction, topicId, resumed.released()))
                .chain(() -> parked.deleteReleased(topicId, resumed.released()))
                .chain(() -> parked.places(topicId, partitions))
                .invoke(found -> {
                    found.forEach(one -> resumed.add(one.place(), one.since()));
                    places = resumed;
                })
                .replaceWithVoid();
    }

    /** Runs writes in a transaction that holds the claims of all partitions; fails if one is lost. */
    public Uni<Void> own(Assignment assignment, Function<SqlConnection, Uni<Void>> writes) {
        return postgres.withTransaction(
                transaction -> claims.hold(transaction, assignment).chain(() -> writes.apply(transaction)));
    }

    /** Writes decisions under the claims of all partitions; fails if one is lost. */
    public Uni<Void> own(Assignment assignment, DecisionStore.Write write) {
        return write.alone(postgres, FencingClaims.of(assignment))
                .chain(done -> done ? Uni.createFrom().voidItem() : own(assignment, write::within));
    }

    /** For the step that runs under this assignment. */
    public ParkedIndex places(Assignment assignment) {
        ParkedIndex current = places;
        if (current == null || current.assignment() != assignment) {
            throw new IllegalStateException("parked activities are not loaded for this assignment");
        }
        return current;
    }

    public Uni<Void> park(SqlConnection transaction, List<ParkedActivities.NewParkedActivity> rows) {
        return parked.park(transaction, rows);
    }

    /** Whether so many more could be parked. */
    public boolean hasRoom(int activities, int inFlight) {
        int size = size();
        full = size > 0 && size + activities > config.capacity();
        return !full && (size == 0 || size + inFlight + activities <= config.capacity());
    }

    /** Whether a batch waits for room. */
    public boolean isFull() {
        return full;
    }

    public int size() {
        ParkedIndex current = places;
        return current == null ? 0 : current.size();
    }

    private Duration age(Clock clock) {
        ParkedIndex current = places;
        Instant oldest = current == null ? null : current.oldest();
        return oldest == null ? Duration.ZERO : Duration.between(oldest, clock.instant());
    }

    static UUID topicId(Assignment assignment) {
        return assignment.topicId(assignment.partitions().iterator().next().topic());
    }
}
