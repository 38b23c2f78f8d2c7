package io.nextbestoffer.decision;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.Channels;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.decision.parking.ParkedActivities;
import io.nextbestoffer.decision.parking.ParkedIndex;
import io.nextbestoffer.decision.parking.PartitionOwnership;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.Snapshots;
import io.nextbestoffer.history.DecisionLogConfig;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.job.ActivityBacklog;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.stage.Assignment;
import io.nextbestoffer.kafka.stage.Assignments;
import io.nextbestoffer.kafka.stage.Batch;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.ExactlyOnceStage;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.stage.PreparedBatch;
import io.nextbestoffer.kafka.stage.StageHandler;
import io.nextbestoffer.kafka.stage.TransactionOutput;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * The stage that decides: activities in, offers out. Of a batch, it finds the customers in one go, decides in memory,
 * stores in one transaction, and hands over what {@link ExactlyOnceStage} commits in one other.
 */
@Startup
@ApplicationScoped
public class DecisionPipeline implements StageHandler, ActivityBacklog {

    private static final Logger LOG = Logger.getLogger(DecisionPipeline.class);

    private final ActivityCodec codec;
    private final SchemaCache schemas;
    private final Customers customers;
    private final Snapshots snapshots;
    private final PartitionOwnership parking;
    private final DecisionStore store;
    private final DeadLetters deadLetters;
    private final TopicConfig topics;
    private final OfferRecordFactory output;
    private final DecisionLogConfig traces;
    private final Clock clock;
    private final MeterRegistry metrics;
    private final StageTimer timer;
    private final DistributionSummary batchSize;
    private final ExactlyOnceStage stage;

    DecisionPipeline(ActivityCodec codec, SchemaCache schemas, Customers customers, CatchUp catchUp,
            Snapshots snapshots,
            PartitionOwnership parking, DecisionStore store, DeadLetters deadLetters, TopicConfig topics,
            OfferRecordFactory output, DecisionLogConfig traces, Clock clock,
            MeterRegistry metrics, KafkaStages streams, @Identifier(Channels.ACTIVITIES) Assignments assignments,
            @Channel(Channels.ACTIVITIES) Multi<Message<List<byte[]>>> batches) {
        this.codec = codec;
        this.schemas = schemas;
        this.customers = customers;
        this.snapshots = snapshots;
        this.parking = parking;
        this.store = store;
        this.deadLetters = deadLetters;
        this.topics = topics;
        this.output = output;
        this.traces = traces;
        this.clock = clock;
        this.metrics = metrics;
        timer = new StageTimer(metrics, Channels.ACTIVITIES);
        batchSize = DistributionSummary.builder("nbo.batch.size").description("Activities decided in one batch")
                .register(metrics);
        BatchResults.register(metrics);
        stage = streams.stage(Channels.ACTIVITIES, assignments, this);
        // Subscribing joins the group. Till this replica can decide, the others better have the partitions
        catchUp.done().chain(stage::warmUp).onItem().transformToMulti(ready -> batches)
                .onItem().transformToUniAndConcatenate(stage::process)
                .subscribe().with(done -> {
                }, failure -> LOG.errorf("activities are not read any more: %s", failure.getClass().getName()));
    }

    @Override
    public boolean isBehind() {
        return stage.isBehind();
    }

    public ExactlyOnceStage stage() {
        return stage;
    }

    @Override
    public Uni<Void> warmUp() {
        return customers.find(Set.of("nobody")).replaceWithVoid();
    }

    @Override
    public Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return parking.claim(assignment, proof);
    }

    @Override
    public Uni<Void> resume(Assignment assignment) {
        return parking.resume(assignment);
    }

    @Override
    public boolean hasRoom(int records, int inFlight) {
        return parking.hasRoom(records, inFlight) && snapshots.forActivities() != null
                && output.obstacle() == null;
    }

    @Override
    public Uni<Run> prepare(Batch batch) {
        var needed = new RecordDecoder.SchemaIds();
        batch.forEach(record -> codec.addSchemaIds(needed, record.key(), record.value()));
        return schemas.decoder(needed).chain(decoder -> {
            // Not before: it may have been a long wait
            var run = new Run(batch, new BatchResults(snapshot(), output,
                    new DecisionLogWriter(traces.enabled(), topics.traces(), deadLetters.limit()), deadLetters.limit(),
                    clock));
            List<Input> inputs = timer.time(batch.span(), "decode", () -> decode(batch, decoder));
            return timer.time(batch.span(), "profiles", complete(inputs))
                    .invoke(known -> timer.time(batch.span(), "decide", () -> run.decide(batch, inputs, known)))
                    .replaceWith(run);
        });
    }

    /**
     * @param problem why it can't be read; then there is no activity
     * @param customer if he is in memory
     */
    private record Input(ConsumerRecord<byte[], byte[]> record, @Nullable Activity activity,
            @Nullable Customer customer, @Nullable String problem) {
    }

    private List<Input> decode(Batch batch, RecordDecoder decoder) {
        var inputs = new ArrayList<Input>(batch.size());
        batch.forEach(record -> {
            try {
                Activity activity = codec.read(decoder, record.key(), record.value());
                inputs.add(new Input(record, activity, customers.inMemory(activity.customer().text()), null));
            } catch (RuntimeException e) {
                inputs.add(new Input(record, null, null, DeadLetters.detail(e)));
            }
        });
        return inputs;
    }

    /** @return those customers who were not in memory and are known */
    private Uni<Map<String, Customer>> complete(List<Input> inputs) {
        var missing = new HashSet<String>();
        for (Input input : inputs) {
            if (input.activity() != null && input.customer() == null) {
                missing.add(input.activity().customer().text());
            }
        }
        return missing.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : customers.find(missing).emitOn(Infrastructure.getDefaultExecutor());
    }

    private Snapshot snapshot() {
        Snapshot snapshot = snapshots.forActivities();
        if (snapshot == null) {
            throw new IllegalStateException(snapshots.obstacle());
        }
        return snapshot;
    }

    /** One batch on its way. */
    private final class Run implements PreparedBatch {

        private final Assignment assignment;
        private final int size;
        private final BatchResults results;
        private final List<ParkedActivities.NewParkedActivity> toPark = new ArrayList<>();
        private final ParkedIndex places;
        private DecisionStore.Write write = DecisionStore.Write.NOTHING;

        /** It does not keep the batch: what was read is garbage once it is decided, while this is on its way. */
        Run(Batch batch, BatchResults results) {
            this.assignment = batch.assignment();
            this.size = batch.size();
            this.results = results;
            this.places = parking.places(assignment);
        }

        void decide(Batch batch, List<Input> inputs, Map<String, Customer> known) {
            for (Input input : inputs) {
                var record = input.record();
                RecordSpan span = batch.span(record, "decide");
                if (input.activity() == null) {
                    results.deadLetter("unreadable", deadLetters.create(record, "unreadable", input.problem()));
                    span.outcome("unreadable");
                    continue;
                }
                String id = input.activity().customer().text();
                Customer customer = input.customer() != null ? input.customer() : known.get(id);
                if (customer == null || places.waits(record.partition(), record.offset(), id)) {
                    park(new ParkedActivities.NewParkedActivity(batch.position(record), id, record));
                    span.outcome("parked");
                    continue;
                }
                try {
                    results.decide(batch.position(record), input.activity(), customer, record.timestamp(), span);
                } catch (RuntimeException e) {
                    results.deadLetter("undecidable", deadLetters.create(record, "undecidable", DeadLetters.detail(e)));
                    span.outcome("undecidable");
                }
            }
            write = store.save(results.decided());
        }

        /** It counts as parked from now on, for the batches behind this one; if this one fails, all is loaded anew. */
        private void park(ParkedActivities.NewParkedActivity activity) {
            toPark.add(activity);
            places.add(activity.place(), clock.instant());
        }

        @Override
        public Uni<TransactionOutput> store() {
            Uni<Void> stored = toPark.isEmpty()
                    ? parking.own(assignment, write)
                    : parking.own(assignment, transaction -> write.within(transaction)
                            .chain(() -> parking.park(transaction, toPark)));
            return stored.replaceWith(outcome());
        }

        private TransactionOutput outcome() {
            return new TransactionOutput(results.records(), Map.of(), () -> {
                results.count(metrics);
                metrics.counter("nbo.parked").increment(toPark.size());
                batchSize.record(size);
            });
        }
    }

    @PreDestroy
    void close() {
        stage.close();
    }
}
