package io.nextbestoffer.decision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.decision.parking.DueActivityDecoder;
import io.nextbestoffer.decision.parking.DueActivityDecoder.ReadableActivity;
import io.nextbestoffer.decision.parking.ParkedActivities;
import io.nextbestoffer.decision.parking.ParkedActivities.DueActivity;
import io.nextbestoffer.decision.parking.ParkedActivities.ParkedKey;
import io.nextbestoffer.decision.parking.ParkedActivities.Reason;
import io.nextbestoffer.decision.parking.ParkedIndex;
import io.nextbestoffer.decision.parking.ParkingConfig;
import io.nextbestoffer.decision.parking.PartitionOwnership;
import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.TransactionOutput;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;

/**
 * Releases parked activities, between batches: as decisions once their customer has arrived, as dead letters if the
 * customer was erased or did not arrive in time.
 */
@Startup
@ApplicationScoped
class ParkedActivityReleaser {

    private static final Logger LOG = Logger.getLogger(ParkedActivityReleaser.class);
    private static final int MAX_RELEASED = 1_000;
    /** Deciding waits for reads and writes of a release, and Postgres can vanish without closing its connections. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    private final DecisionPipeline pipeline;
    private final CatchUp catchUp;
    private final DueActivityDecoder decoder;
    private final Customers customers;
    private final DecisionSessions sessions;
    private final PartitionOwnership ownership;
    private final ParkedActivities parked;
    private final ParkingConfig config;
    private final StageTracer tracer;
    private final Cancellable polling;
    private volatile @Nullable CommittedReleases committed;
    /** The assignment of a release whose write failed, perhaps after it took effect. */
    private volatile @Nullable Assignment interrupted;

    /** @param numbers the release numbers that are committed, by partition */
    private record CommittedReleases(UUID topicId, Map<Integer, Long> numbers) {
    }

    ParkedActivityReleaser(DecisionPipeline pipeline, CatchUp catchUp, DueActivityDecoder decoder, Customers customers,
            DecisionSessions sessions, PartitionOwnership ownership, ParkedActivities parked, ParkingConfig config,
            StageTracer tracer) {
        this.pipeline = pipeline;
        this.catchUp = catchUp;
        this.decoder = decoder;
        this.customers = customers;
        this.sessions = sessions;
        this.ownership = ownership;
        this.parked = parked;
        this.config = config;
        this.tracer = tracer;
        polling = Uni.createFrom().deferred(() -> canRelease() ? round() : Uni.createFrom().voidItem())
                .onFailure().invoke(ParkedActivityReleaser::report)
                .onFailure().recoverWithNull()
                .repeat().withDelay(config.poll()).indefinitely()
                .subscribe().with(ignored -> {
                });
    }

    private boolean canRelease() {
        return catchUp.isOver() && sessions.canBegin() && sessions.isPostgresReachable()
                && (ownership.size() > 0 || committed != null);
    }

    private Uni<Void> round() {
        Assignment current = pipeline.stage().openAssignment();
        if (current == null || current.partitions().isEmpty() || ownership.size() == 0) {
            return deleteReleased();
        }
        // Reads once before batches have to wait, and again when none is in flight
        return due(current, 1)
                .chain(due -> {
                    if (interrupted == current) {
                        return rewind();
                    }
                    return due.isEmpty() ? Uni.createFrom().voidItem() : releaseBetweenBatches();
                })
                .chain(this::deleteReleased);
    }

    /**
     * Rewinds after a release that was interrupted while it wrote to Postgres. Since then, decisions that need only
     * Kafka have continued, but releases have not: rows may have a number that was not committed, or may still get one.
     * Once the partitions are claimed with another token, neither is possible any more.
     */
    private Uni<Void> rewind() {
        return pipeline.stage().runBetweenBatches(assignment -> assignment == interrupted
                ? Uni.createFrom().failure(new InterruptedReleaseException())
                : Uni.createFrom().nullItem());
    }

    private static final class InterruptedReleaseException extends RuntimeException {

        InterruptedReleaseException() {
            super("Postgres did not answer while parked activities were released");
        }
    }

    private Uni<Void> releaseBetweenBatches() {
        var span = new AtomicReference<>(BatchSpan.OFF);
        return pipeline.stage().runBetweenBatches(assignment -> release(assignment, span)
                .onFailure().invoke(failure -> span.get().failed(failure)))
                .onTermination().invoke(() -> span.get().end());
    }

    private Uni<List<DueActivity>> due(Assignment assignment, int limit) {
        var offsets = new HashMap<Integer, Long>();
        assignment.committed().forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
        return parked.due(PartitionOwnership.topicId(assignment), offsets, config.timeout(), limit)
                .ifNoItem().after(READ_TIMEOUT).fail();
    }

    /** Nothing has changed yet when a read fails, so the next round can simply try again. */
    private Uni<@Nullable TransactionOutput> release(Assignment assignment, AtomicReference<BatchSpan> span) {
        if (assignment.partitions().isEmpty()) {
            return Uni.createFrom().nullItem();
        }
        return due(assignment, MAX_RELEASED).map(decoder::readable)
                .chain(due -> customers.find(customersOf(due)).ifNoItem().after(READ_TIMEOUT).fail()
                        .map(found -> new Readings(due, found)))
                .onFailure().invoke(ParkedActivityReleaser::report)
                .onFailure().recoverWithItem(new Readings(List.of(), Map.of()))
                .chain(read -> read.due().isEmpty()
                        ? Uni.createFrom().nullItem()
                        : release(assignment, read.due(), read.customers(), span));
    }

    private record Readings(List<ReadableActivity> due, Map<String, Customer> customers) {
    }

    private static void report(Throwable failure) {
        LOG.warnf("could not release parked activities: %s", failure.getClass().getName());
    }

    private Uni<@Nullable TransactionOutput> release(Assignment assignment, List<ReadableActivity> due,
            Map<String, Customer> found, AtomicReference<BatchSpan> span) {
        DecisionSession session = sessions.tryBegin();
        if (session == null) {
            return Uni.createFrom().nullItem();
        }
        span.set(tracer.batch("release parked activities", due.size(),
                headers -> due.forEach(one -> headers.accept(one.activity().headers()))));
        var release = new Release(assignment, session, span.get());
        due.forEach(one -> release.add(one, found));
        return release.store();
    }

    private static List<String> customersOf(List<ReadableActivity> due) {
        return due.stream().map(ReadableActivity::activity).filter(one -> one.reason() == Reason.CUSTOMER_KNOWN)
                .map(DueActivity::customer).distinct().toList();
    }

    /** Deletes rows whose offers are committed. After a crash, the next owner of the partition deletes them. */
    private Uni<Void> deleteReleased() {
        CommittedReleases releases = committed;
        return releases == null
                ? Uni.createFrom().voidItem()
                : parked.deleteReleased(releases.topicId(), releases.numbers())
                        .ifNoItem().after(WRITE_TIMEOUT).fail().invoke(() -> committed = null);
    }

    /** The activities released in one transaction. */
    private final class Release {

        private final Assignment assignment;
        private final DecisionSession session;
        private final BatchSpan batch;
        private final ParkedIndex parkedIndex;
        private final String topic;
        private final List<ParkedKey> released = new ArrayList<>();

        Release(Assignment assignment, DecisionSession session, BatchSpan batch) {
            this.assignment = assignment;
            this.session = session;
            this.batch = batch;
            parkedIndex = ownership.parkedIndex(assignment);
            topic = assignment.partitions().iterator().next().topic();
        }

        void add(ReadableActivity readable, Map<String, Customer> found) {
            DueActivity activity = readable.activity();
            RecordSpan span = batch.of(activity.headers(), "decide", topic, activity.position());
            switch (activity.reason()) {
                case ERASED -> deadLetter(activity, span, "customer-erased",
                        "the customer was erased while the activity was parked; its content was erased, too");
                case EXPIRED -> deadLetter(activity, span, "customer-unknown",
                        "the customer did not become known within " + config.timeout());
                case CUSTOMER_KNOWN -> {
                    Customer customer = found.get(activity.customer());
                    if (customer == null) {
                        // Deleted a moment ago: the next round finds the activity erased
                        return;
                    }
                    try {
                        session.decide(activity.position(), decoder.read(readable), customer, activity.recordTime(),
                                span);
                    } catch (RuntimeException e) {
                        deadLetter(activity, span, "undecidable", DeadLetters.detail(e));
                    }
                }
            }
            released.add(activity.key());
        }

        private void deadLetter(DueActivity activity, RecordSpan span, String reason, String detail) {
            session.deadLetter(topic, activity.position(), activity.recordKey(), activity.recordValue(),
                    activity.headers(), span, reason, detail);
        }

        Uni<@Nullable TransactionOutput> store() {
            if (released.isEmpty()) {
                return Uni.createFrom().nullItem();
            }
            UUID topicId = PartitionOwnership.topicId(assignment);
            Map<Integer, Long> numbers = parkedIndex.nextNumbers(released);
            Map<TopicPartition, String> metadata = numbers.entrySet().stream()
                    .collect(Collectors.toMap(entry -> new TopicPartition(topic, entry.getKey()),
                            entry -> ParkedIndex.metadata(entry.getValue())));
            return ownership.write(assignment, transaction -> parked.number(transaction, topicId, released, numbers))
                    .ifNoItem().after(WRITE_TIMEOUT).fail()
                    .replaceWith(new TransactionOutput(session.records(), metadata, () -> {
                        parkedIndex.remove(released, numbers);
                        committed = new CommittedReleases(topicId, parkedIndex.releasedNumbers());
                        session.committed();
                        ownership.countReleased(released.size());
                        batch.committed();
                    }))
                    .onFailure().invoke(this::interrupted).onFailure().recoverWithNull();
        }

        private void interrupted(Throwable failure) {
            interrupted = assignment;
            report(failure);
            batch.failed(failure);
        }
    }

    @PreDestroy
    void close() {
        polling.cancel();
    }
}
