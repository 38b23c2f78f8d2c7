package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.topic.KafkaFutures.uni;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.reactive.messaging.kafka.KafkaClientService;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import io.vertx.sqlclient.DatabaseException;

/**
 * Takes batches of a channel through a {@link Work}, and commits what comes out together with the offsets of what
 * went in, in one Kafka transaction. {@link BatchPipeline} overlap; all else (taking partitions over, releasing, recovering)
 * runs alone.
 * <p>
 * SmallRye's own {@code KafkaTransactions} is not used: after a failed commit it acknowledges the batch without
 * rewinding, and the next batch commits past it. Here any failure, whatever it was, ends in the same recovery: new
 * producers with the same transactional ids, and the consumer back at the committed offsets.
 */
public final class ExactlyOnceStage implements AutoCloseable {

    /** What a stage does between Kafka and Kafka. It must be repeatable: after a failure it sees the records again. */
    public interface StageHandler {

        /**
         * Claims the partitions of a new assignment, before its committed offsets are read.
         *
         * @param proof commits the committed offsets once more: succeeds only in the group's current generation
         * @return fails if an assignment of a later generation holds one of them
         */
        default Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
            return Uni.createFrom().voidItem();
        }

        /** The committed offsets are known: drops and loads what depends on them. */
        default Uni<Void> resume(Assignment assignment) {
            return Uni.createFrom().voidItem();
        }

        /**
         * Whether so many records may be taken on now; asked again until they may.
         *
         * @param inFlight records that are on their way already
         */
        default boolean hasRoom(int records, int inFlight) {
            return true;
        }

        /**
         * Reads a batch and finds out what becomes of it. It must not write anything: the batch before it may be on
         * its way still, and may fail.
         */
        Uni<? extends Prepared> prepare(Batch batch);

        /** Does what only the first batch would wait for. */
        default Uni<Void> warmUp() {
            return Uni.createFrom().voidItem();
        }

        /** How long any of these may take; then it counts as failed. A database can vanish without a word. */
        default Duration patience() {
            return Duration.ofMinutes(1);
        }
    }

    /** A batch that knows what becomes of it. */
    public interface Prepared {

        /** Everything outside Kafka is done when the item comes. The batches before it are stored, or never will be. */
        Uni<TransactionOutput> store();
    }

    private static final Logger LOG = Logger.getLogger(ExactlyOnceStage.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final Duration LAST_BATCHES = Duration.ofSeconds(5);
    /** A transaction lives for 10 s at most, and the broker looks for those over each 10 s. */
    private static final Duration UNSTABLE = Duration.ofSeconds(30);

    private final String channel;
    private final KafkaClientService clients;
    private final Admin admin;
    private final ProducerRotation producers;
    private final DeadLetters deadLetters;
    private final Assignments assignments;
    private final PollBuffer inbox;
    private final InFlightGate flow;
    private final BatchPipeline batches;
    private final StageHandler work;
    private final StageTimer timer;
    private final StageTracer spans;
    private final ExecutorService thread;
    private volatile @Nullable String trouble;
    private volatile boolean closed;
    /** Since the last commit. */
    private volatile int failures;

    ExactlyOnceStage(String channel, KafkaClientService clients, Admin admin, ProducerRotation producers,
            DeadLetters deadLetters, Assignments assignments, PollBuffer inbox, StageHandler work, StageTimer timer,
            StageTracer spans) {
        this.channel = channel;
        this.clients = clients;
        this.admin = admin;
        this.producers = producers;
        this.deadLetters = deadLetters;
        this.assignments = assignments;
        this.inbox = inbox;
        this.flow = assignments.flow();
        this.batches = new BatchPipeline(inbox, flow, new Steps());
        this.work = work;
        this.timer = timer;
        this.spans = spans;
        this.thread = Executors.newSingleThreadExecutor(task -> new Thread(task, channel));
        // Not only when a batch comes: what is parked goes on without one, and the first batch need not wait
        assignments.whenAssigned(() -> between(assignment -> Uni.createFrom().nullItem()).subscribe().with(done -> {
        }));
    }

    /**
     * Makes the connections that the first batch will need, and meets what they need for the first time; before the
     * consumer joins its group, whose partitions wait from then on. Never fails: what is missing is done later.
     */
    public Uni<Void> warmUp() {
        return Uni.join().all(onThread(producers::open), patiently(work.warmUp())).andCollectFailures()
                .onFailure().invoke(failure -> LOG.warnf("%s: not warm yet: %s", channel, kinds(failure)))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** Completes when the next batch may come. Never fails. */
    public Uni<Void> process(Message<?> batch) {
        var records = batch.getMetadata(IncomingKafkaRecordBatchMetadata.class).orElseThrow().getRecords();
        if (!(records instanceof PolledRecords polled)) {
            // The client drops revoked partitions from what it holds; the rest is polled again after the rebalance
            return Uni.createFrom().voidItem();
        }
        Uni<Void> room = inbox.add(polled);
        batches.advance();
        return room;
    }

    private final class Steps implements BatchPipeline.Steps {

        @Override
        public @Nullable Assignment assignment() {
            return assignments.current();
        }

        @Override
        public boolean hasRoom(int records, int inFlight) {
            return work.hasRoom(records, inFlight);
        }

        @Override
        public BatchSpan begin(Batch batch) {
            batch.begins(spans.batch(channel, batch));
            return batch.span();
        }

        @Override
        public Uni<Prepared> prepare(Batch batch) {
            Uni<Prepared> prepared = Uni.createFrom().deferred(() -> work.prepare(batch).map(one -> one));
            return timer.time(batch.span(), "prepare",
                    patiently(prepared.runSubscriptionOn(Infrastructure.getDefaultExecutor())));
        }

        @Override
        public Uni<TransactionOutput> store(BatchSpan span, Prepared prepared) {
            return timer.time(span, "store", patiently(prepared.store()));
        }

        @Override
        public Uni<Void> commit(BatchSpan span, Assignment assignment, TransactionOutput outcome,
                Map<TopicPartition, OffsetAndMetadata> next) {
            return onThread(() -> {
                if (!batches.isLive(assignment)) {
                    throw BatchPipeline.DROPPED;
                }
                span.logged(() -> ExactlyOnceStage.this.commit(span, assignment, outcome, next));
            });
        }

        @Override
        public void failed(BatchSpan span, Assignment assignment, Throwable failure) {
            alone(() -> recover(span, failure, true)).subscribe().with(recovered -> {
            });
        }
    }

    private Uni<Void> alone(Supplier<Uni<? extends Void>> step) {
        return flow.<Void>alone(step).onItemOrFailure().invoke((done, failure) -> batches.advance());
    }

    /**
     * Runs a step between batches, which commits partitions at the offset they have, with what the step gives them.
     *
     * @param step gets the open assignment; null is nothing to do
     */
    public Uni<Void> between(Function<Assignment, Uni<@Nullable TransactionOutput>> step) {
        return alone(() -> {
            Assignment assignment = assignments.current();
            if (closed || assignment == null) {
                return Uni.createFrom().voidItem();
            }
            return open(assignment).onFailure().recoverWithUni(failure -> recover(BatchSpan.OFF, failure, false))
                    .chain(() -> assignment.isOpen() && batches.isLive(assignment)
                            ? commit(assignment, step).onFailure()
                                    .recoverWithUni(failure -> recover(BatchSpan.OFF, failure, true))
                            : Uni.createFrom().voidItem());
        });
    }

    private Uni<Void> commit(Assignment assignment, Function<Assignment, Uni<@Nullable TransactionOutput>> step) {
        return patiently(step.apply(assignment)).emitOn(thread).invoke(outcome -> {
            if (outcome != null) {
                var offsets = new HashMap<>(assignment.committed());
                offsets.keySet().retainAll(outcome.metadata().keySet());
                commit(BatchSpan.OFF, assignment, outcome, offsets);
            }
        }).replaceWithVoid();
    }

    /** What keeps this stage from working, or null. */
    public @Nullable String trouble() {
        if (closed) {
            return "stopping";
        }
        if (!assignments.joined()) {
            return "has not joined its consumer group yet";
        }
        Assignment current = assignments.current();
        return trouble == null && (current == null || !current.isOpen()) ? "taking over partitions" : trouble;
    }

    /** Whether a full batch waits. */
    public boolean isBehind() {
        return inbox.isFull();
    }

    /** The partitions this replica reads now. */
    public Set<TopicPartition> partitions() {
        Assignment current = assignments.current();
        return current == null ? Set.of() : current.partitions();
    }

    private void commit(BatchSpan span, Assignment assignment, TransactionOutput outcome,
            Map<TopicPartition, OffsetAndMetadata> next) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        next.forEach((partition, offset) -> {
            OffsetAndMetadata before = assignment.committed().get(partition);
            String metadata = outcome.metadata().getOrDefault(partition, before == null ? "" : before.metadata());
            offsets.put(partition, new OffsetAndMetadata(offset.offset(), offset.leaderEpoch(), metadata));
        });
        timer.time(span, "commit", () -> producers.commit(outcome.records(), offsets, assignment.group()));
        assignment.committed(offsets);
        failures = 0;
        trouble = null;
        outcome.committed().run();
        span.committed();
    }

    private Uni<Void> open(Assignment assignment) {
        if (assignment.isOpen()) {
            return Uni.createFrom().voidItem();
        }
        Set<String> topics = assignment.partitions().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        return topicIds(topics).invoke(assignment::open)
                .chain(() -> patiently(work.claim(assignment, proof(assignment))))
                .chain(() -> committedOffsets(assignment))
                .invoke(assignment::opened)
                .chain(() -> patiently(work.resume(assignment)));
    }

    /** Not asked of the consumer: that would wait for its poll, and keep a rebalance waiting. */
    private Uni<Map<TopicPartition, OffsetAndMetadata>> committedOffsets(Assignment assignment) {
        // Producers that get ready end what earlier ones left open, so the offsets read next are final
        return onThread(producers::open).chain(() -> stableOffsets(assignment)
                .onFailure(UnstableOffsetCommitException.class).retry()
                .withBackOff(FIRST_RETRY, FIRST_RETRY.multipliedBy(10)).expireIn(UNSTABLE.toMillis()));
    }

    /** The admin client leaves out a partition whose offset is in an open transaction, the killed owner's for example. */
    private Uni<Map<TopicPartition, OffsetAndMetadata>> stableOffsets(Assignment assignment) {
        var partitions = new ListConsumerGroupOffsetsSpec().topicPartitions(assignment.partitions());
        return uni(() -> admin.listConsumerGroupOffsets(Map.of(assignment.group().groupId(), partitions),
                new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata())
                .invoke(found -> {
                    if (!found.keySet().containsAll(assignment.partitions())) {
                        throw new UnstableOffsetCommitException("offsets in an open transaction");
                    }
                });
    }

    private Uni<Void> proof(Assignment assignment) {
        return committedOffsets(assignment)
                .chain(committed -> uni(() -> admin.listOffsets(assignment.partitions().stream()
                        .collect(Collectors.toMap(one -> one, one -> OffsetSpec.earliest()))).all()).map(first -> {
                            var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
                            first.forEach((partition, begin) -> offsets.put(partition,
                                    new OffsetAndMetadata(begin.offset())));
                            committed.forEach((partition, offset) -> {
                                if (offset != null) {
                                    offsets.put(partition, offset);
                                }
                            });
                            return offsets;
                        }))
                .emitOn(thread)
                .invoke(offsets -> producers.commit(List.of(), offsets, assignment.group()))
                .replaceWithVoid();
    }

    private Uni<Map<String, UUID>> topicIds(Set<String> topics) {
        return uni(() -> admin.describeTopics(topics).allTopicNames())
                .map(all -> all.values().stream().collect(Collectors.toMap(TopicDescription::name,
                        topic -> RecordPosition.topicId(topic.topicId()))));
    }

    /** @param processing whether the failure came of records, which then come again: all is well when they went out */
    private Uni<Void> recover(BatchSpan span, Throwable failure, boolean processing) {
        span.logged(() -> note(failure));
        // Nothing will be committed. A rebalance that waits for it holds the polling thread, which rewinding needs
        flow.excuse();
        Duration pause = processing ? FIRST_RETRY.multipliedBy(1L << Math.min(failures++, 6)) : Duration.ZERO;
        return Uni.createFrom().deferred(this::rewind)
                .onFailure().invoke(this::note)
                .onFailure().retry().withBackOff(FIRST_RETRY, LAST_RETRY).until(again -> !closed)
                .invoke(() -> {
                    LOG.infof("%s: going on from the committed offsets", channel);
                    if (!processing) {
                        trouble = null;
                    }
                })
                .onFailure().recoverWithNull()
                .onItem().delayIt().by(pause);
    }

    private Uni<Void> rewind() {
        return onThread(() -> {
            producers.reset();
            producers.open();
        }).chain(() -> consumer().runOnPollingThread(kafka -> {
            Assignments.rewind(kafka, assignments);
        })).chain(() -> {
            Assignment current = assignments.current();
            return current == null ? Uni.createFrom().voidItem() : open(current);
        });
    }

    private void note(Throwable failure) {
        if (closed) {
            return;
        }
        if (causedBy(failure, RecordTooLargeException.class)) {
            deadLetters.shrink();
        }
        trouble = failure.getClass().getSimpleName();
        // Messages of Kafka and Postgres can quote values: only their kinds are logged
        LOG.warnf("%s: %s; rewinding to the committed offsets", channel, kinds(failure));
        LOG.debug(channel, failure);
    }

    /** What failed and where, without messages. */
    private static String kinds(Throwable failure) {
        var kinds = new StringBuilder(kind(failure));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            kinds.append(" from ").append(kind(cause));
        }
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("io.nextbestoffer.")) {
                return kinds.append(" at ").append(frame).toString();
            }
        }
        return kinds.toString();
    }

    private static String kind(Throwable failure) {
        String kind = failure.getClass().getName();
        return failure instanceof DatabaseException refused ? kind + " " + refused.getSqlState() : kind;
    }

    private static boolean causedBy(@Nullable Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private <T> Uni<T> patiently(Uni<T> step) {
        return step.ifNoItem().after(work.patience()).fail();
    }

    private Uni<Void> onThread(Runnable task) {
        return Uni.createFrom().voidItem().invoke(task).runSubscriptionOn(thread);
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return clients.getConsumer(channel);
    }

    /** Waits for the batches in flight, but not for ever; nothing is begun after them. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        batches.close();
        flow.hold(LAST_BATCHES);
        thread.execute(producers::close);
        thread.shutdown();
    }
}
