package io.nextbestoffer.decision.parking;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.decision.BatchResults;
import io.nextbestoffer.decision.DecisionPipeline;
import io.nextbestoffer.decision.DecisionStore;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.history.DecisionLogConfig;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.ExactlyOnceStage;
import io.nextbestoffer.kafka.stage.TransactionOutput;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.StageTracer;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;

/**
 * Lets parked activities go, between batches: decided once their customer has come, as dead letters if he was erased
 * or did not come in time.
 */
@Startup
@ApplicationScoped
class ParkedActivityReleaser {

    private static final Logger LOG = Logger.getLogger(ParkedActivityReleaser.class);
    private static final int MOST_AT_ONCE = 1_000;
    /** Then they are asked for anew, with those that others wait for by then. */
    private static final Duration SCHEMAS = Duration.ofMinutes(1);

    private final ActivityCodec codec;
    private final SchemaCache schemas;
    private final Customers customers;
    private final Snapshots snapshots;
    private final PartitionOwnership parking;
    private final ParkedActivities parked;
    private final DecisionStore store;
    private final DeadLetters deadLetters;
    private final ParkingConfig config;
    private final TopicConfig topics;
    private final OfferRecordFactory output;
    private final DecisionLogConfig traces;
    private final Clock clock;
    private final MeterRegistry metrics;
    private final StageTracer spans;
    private final Cancellable polling;
    private volatile @Nullable Done done;
    private final AtomicBoolean fetching = new AtomicBoolean();
    /** For the next round: the memory of all may be too small to keep it till then. */
    private volatile RecordDecoder fetched = RecordDecoder.JSON_ONLY;

    ParkedActivityReleaser(DecisionPipeline pipeline, CatchUp catchUp, ActivityCodec codec, SchemaCache schemas,
            Customers customers,
            Snapshots snapshots,
            PartitionOwnership parking, ParkedActivities parked, DecisionStore store, DeadLetters deadLetters,
            ParkingConfig config, TopicConfig topics, OfferRecordFactory output, DecisionLogConfig traces, Clock clock,
            MeterRegistry metrics, StageTracer spans) {
        this.codec = codec;
        this.schemas = schemas;
        this.customers = customers;
        this.snapshots = snapshots;
        this.parking = parking;
        this.parked = parked;
        this.store = store;
        this.deadLetters = deadLetters;
        this.config = config;
        this.topics = topics;
        this.output = output;
        this.traces = traces;
        this.clock = clock;
        this.metrics = metrics;
        this.spans = spans;
        Duration poll = config.poll();
        polling = Uni.createFrom()
                .deferred(() -> !catchUp.isOver() || snapshots.forActivities() == null || output.obstacle() != null
                        || parking.size() == 0 && done == null
                                ? Uni.createFrom().voidItem()
                                : round(pipeline.stage()).chain(this::deleteDone))
                .onFailure().recoverWithUni(failure -> {
                    LOG.warnf("releasing parked activities: %s", failure.getClass().getName());
                    return Uni.createFrom().voidItem();
                })
                .repeat().withDelay(poll).indefinitely()
                .subscribe().with(ignored -> {
                });
    }

    private Uni<Void> round(ExactlyOnceStage stage) {
        var span = new AtomicReference<>(BatchSpan.OFF);
        return stage.runBetweenBatches(assignment -> release(assignment, span)
                .onFailure().invoke(failure -> span.get().failed(failure)))
                .onTermination().invoke(() -> span.get().end());
    }

    /** Nobody decides meanwhile, so it does not wait for schemas: what needs one that is not there stays. */
    private Uni<@Nullable TransactionOutput> release(Assignment assignment, AtomicReference<BatchSpan> span) {
        if (assignment.partitions().isEmpty()) {
            return Uni.createFrom().nullItem();
        }
        RecordDecoder brought = fetched;
        fetched = RecordDecoder.JSON_ONLY;
        UUID topicId = PartitionOwnership.topicId(assignment);
        ParkedIndex places = parking.places(assignment);
        var committed = new HashMap<Integer, Long>();
        assignment.committed().forEach((partition, offset) -> committed.put(partition.partition(), offset.offset()));
        return parked.due(topicId, committed, config.timeout(), MOST_AT_ONCE)
                .chain(due -> {
                    var missing = new ArrayList<ParkedActivities.Due>();
                    var readable = readable(due, row -> {
                        var needed = needed(List.of(row));
                        RecordDecoder decoder = brought.covers(needed) ? brought : schemas.cachedDecoder(needed);
                        if (decoder == null) {
                            missing.add(row);
                        }
                        return decoder;
                    });
                    if (!missing.isEmpty()) {
                        fetch(needed(missing));
                    }
                    return readable.isEmpty()
                            ? Uni.createFrom().nullItem()
                            : customers.find(waitedFor(readable)).chain(known -> {
                                Snapshot snapshot = snapshots.forActivities();
                                if (snapshot == null) {
                                    return Uni.createFrom().nullItem();
                                }
                                span.set(spans.batch("release parked activities", readable.size(),
                                        headers -> readable.forEach(one -> headers.accept(one.row().headers()))));
                                var release = new Release(assignment, places, snapshot, span.get());
                                readable.forEach(one -> release.add(one, known));
                                return release.run(topicId);
                            });
                });
    }

    /** A row, and what it can be read with. */
    record Readable(ParkedActivities.Due row, RecordDecoder decoder) {
    }

    /**
     * Those that need not wait for a schema, nor for an earlier one of their customer in the partition that does.
     *
     * @param decoder gives null for a row whose schemas are not there
     */
    static List<Readable> readable(List<ParkedActivities.Due> due,
            Function<ParkedActivities.Due, @Nullable RecordDecoder> decoder) {
        record Queue(int partition, @Nullable String customer) {
        }
        var readable = new ArrayList<Readable>(due.size());
        var waiting = new HashSet<Queue>();
        for (var row : due) {
            var queue = new Queue(row.position().partition(), row.customer());
            RecordDecoder found = decoder.apply(row);
            if (found == null) {
                waiting.add(queue);
            } else if (!waiting.contains(queue)) {
                readable.add(new Readable(row, found));
            }
        }
        return readable;
    }

    private void fetch(RecordDecoder.SchemaIds missing) {
        if (fetching.compareAndSet(false, true)) {
            schemas.decoder(missing).ifNoItem().after(SCHEMAS).fail()
                    .invoke(decoder -> fetched = decoder)
                    .onTermination().invoke(() -> fetching.set(false))
                    .subscribe().with(decoder -> {
                    }, failure -> LOG.debug("schemas of parked activities", failure));
        }
    }

    /** Rows whose offers are committed. Those of a crash in between are deleted when the partition is taken over. */
    private Uni<Void> deleteDone() {
        Done finished = done;
        return finished == null
                ? Uni.createFrom().voidItem()
                : parked.deleteReleased(finished.topicId(), finished.numbers()).invoke(() -> done = null);
    }

    private record Done(UUID topicId, Map<Integer, Long> numbers) {
    }

    private static List<String> waitedFor(List<Readable> readable) {
        return readable.stream().map(Readable::row)
                .filter(row -> row.reason() == ParkedActivities.Reason.CUSTOMER_KNOWN)
                .map(ParkedActivities.Due::customer).distinct().toList();
    }

    private RecordDecoder.SchemaIds needed(List<ParkedActivities.Due> due) {
        var needed = new RecordDecoder.SchemaIds();
        for (var row : due) {
            if (row.reason() == ParkedActivities.Reason.CUSTOMER_KNOWN) {
                codec.addSchemaIds(needed, row.key(), row.value());
            }
        }
        return needed;
    }

    /** One round of releases. */
    private final class Release {

        private final Assignment assignment;
        private final BatchSpan batch;
        private final ParkedIndex places;
        private final String topic;
        private final BatchResults results;
        private final List<ParkedActivities.ParkedKey> gone = new ArrayList<>();

        Release(Assignment assignment, ParkedIndex places, Snapshot snapshot, BatchSpan batch) {
            this.assignment = assignment;
            this.batch = batch;
            this.places = places;
            topic = assignment.partitions().iterator().next().topic();
            results = new BatchResults(snapshot, output,
                    new DecisionLogWriter(traces.enabled(), topics.traces(), deadLetters.limit()), deadLetters.limit(),
                    clock);
        }

        void add(Readable readable, Map<String, Customer> known) {
            ParkedActivities.Due row = readable.row();
            RecordSpan span = batch.of(row.headers(), "decide", topic, row.position());
            switch (row.reason()) {
                case ERASED -> deadLetter(span, "customer-erased", letter(row, "customer-erased",
                        "the customer was erased while the activity waited for him; its content is gone"));
                case EXPIRED -> deadLetter(span, "customer-unknown", letter(row, "customer-unknown",
                        "the customer did not become known within " + config.timeout()));
                case CUSTOMER_KNOWN -> {
                    Customer customer = known.get(row.customer());
                    if (customer == null) {
                        // Deleted this moment: the next round sees it
                        return;
                    }
                    try {
                        results.decide(row.position(), codec.read(readable.decoder(), row.key(), row.value()),
                                customer,
                                row.recordTime(), span);
                    } catch (RuntimeException e) {
                        deadLetter(span, "undecidable", letter(row, "undecidable", DeadLetters.detail(e)));
                    }
                }
            }
            gone.add(row.place());
        }

        private void deadLetter(RecordSpan span, String reason, ProducerRecord<byte[], byte[]> letter) {
            span.outcome(reason);
            results.deadLetter(reason, letter);
        }

        private ProducerRecord<byte[], byte[]> letter(ParkedActivities.Due row, String reason, String detail) {
            return deadLetters.create(topic, row.position().partition(), row.position().offset(), row.key(),
                    row.value(),
                    row.headers(), reason, detail);
        }

        Uni<@Nullable TransactionOutput> run(UUID topicId) {
            if (gone.isEmpty()) {
                return Uni.createFrom().nullItem();
            }
            Map<Integer, Long> numbers = gone.stream().map(ParkedActivities.ParkedKey::partition).distinct()
                    .collect(Collectors.toMap(partition -> partition,
                            partition -> places.released().get(partition) + 1));
            Map<TopicPartition, String> metadata = numbers.entrySet().stream()
                    .collect(Collectors.toMap(entry -> new TopicPartition(topic, entry.getKey()),
                            entry -> ParkedIndex.metadata(entry.getValue())));
            var save = store.save(results.decided());
            return parking.own(assignment, transaction -> save.within(transaction)
                    .chain(() -> parked.number(transaction, topicId, gone, numbers)))
                    .replaceWith(new TransactionOutput(results.records(), metadata, () -> {
                        places.remove(gone, numbers);
                        done = new Done(topicId, places.released());
                        results.count(metrics);
                        metrics.counter("nbo.released").increment(gone.size());
                        batch.committed();
                    }));
        }
    }

    @PreDestroy
    void close() {
        polling.cancel();
    }
}
