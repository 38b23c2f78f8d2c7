package io.nextbestoffer.decision;

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
import io.nextbestoffer.decision.parking.ParkedActivities.NewParkedActivity;
import io.nextbestoffer.decision.parking.ParkedIndex;
import io.nextbestoffer.decision.parking.PartitionOwnership;
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
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/**
 * The stage that decides: activities in, offers out. For each batch it loads the customers that are not cached with
 * one query, decides in memory, and returns the records that {@link ExactlyOnceStage} commits in one Kafka transaction.
 * It writes to Postgres only to park activities; latest offers and the decision log are views of what is committed.
 */
@Startup
@ApplicationScoped
public class DecisionPipeline implements StageHandler, ActivityBacklog {

    private static final Logger LOG = Logger.getLogger(DecisionPipeline.class);

    private final ActivityCodec codec;
    private final SchemaCache schemas;
    private final Customers customers;
    private final DecisionSessions sessions;
    private final PartitionOwnership ownership;
    private final StageTimer timer;
    private final DistributionSummary batchSize;
    private final ExactlyOnceStage stage;

    DecisionPipeline(ActivityCodec codec, SchemaCache schemas, CatchUp catchUp, Customers customers,
            DecisionSessions sessions, PartitionOwnership ownership, MeterRegistry metrics, KafkaStages stages,
            @Identifier(Channels.ACTIVITIES) Assignments assignments,
            @Channel(Channels.ACTIVITIES) Multi<Message<List<byte[]>>> polls) {
        this.codec = codec;
        this.schemas = schemas;
        this.customers = customers;
        this.sessions = sessions;
        this.ownership = ownership;
        timer = new StageTimer(metrics, Channels.ACTIVITIES);
        batchSize = DistributionSummary.builder("nbo.batch.size").description("Activities decided in one batch")
                .register(metrics);
        stage = stages.stage(Channels.ACTIVITIES, assignments, this);
        // Subscribing joins the group. Until this replica can decide, other replicas should have its partitions
        catchUp.done().chain(stage::warmUp).onItem().transformToMulti(ready -> polls)
                .onItem().transformToUniAndConcatenate(stage::process)
                .subscribe().with(done -> {
                }, failure -> LOG.errorf("no more activities are read: %s", failure.getClass().getName()));
    }

    @Override
    public boolean isBehind() {
        return stage.isBehind();
    }

    ExactlyOnceStage stage() {
        return stage;
    }

    @Override
    public Uni<Void> warmUp() {
        return customers.find(Set.of("warm-up")).replaceWithVoid()
                .onTermination().call(() -> Uni.createFrom().voidItem().invoke(() -> sessions.warmUp(codec))
                        .runSubscriptionOn(Infrastructure.getDefaultExecutor()));
    }

    @Override
    public Uni<Void> claim(Assignment assignment, Uni<Void> proof) {
        return ownership.claim(assignment, proof).invoke(sessions::requireCurrentSnapshot);
    }

    @Override
    public Uni<Void> resume(Assignment assignment) {
        return ownership.resume(assignment);
    }

    @Override
    public boolean hasRoom(int records, int inFlight) {
        return ownership.hasRoom(records, inFlight) && sessions.canBegin();
    }

    @Override
    public Uni<DecidedBatch> prepare(Batch batch) {
        var schemaIds = new RecordDecoder.SchemaIds();
        batch.forEach(record -> codec.addSchemaIds(schemaIds, record.key(), record.value()));
        return schemas.decoder(schemaIds).chain(decoder -> {
            // The session begins after the wait for schemas, which can be long
            var decided = new DecidedBatch(batch, sessions.begin());
            List<Input> inputs = timer.time(batch.span(), "decode", () -> decode(batch, decoder));
            return timer.time(batch.span(), "profiles", findMissing(inputs))
                    .invoke(found -> timer.time(batch.span(), "decide", () -> decided.decide(inputs, found)))
                    .replaceWith(decided);
        });
    }

    /**
     * An input record, with its activity and customer as far as they are known.
     *
     * @param activity null if the record can't be read
     * @param customer null if it is not in memory
     * @param problem why the record can't be read, or null
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

    /** Returns the known customers among those that are not in memory, by id. */
    private Uni<Map<String, Customer>> findMissing(List<Input> inputs) {
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

    /** The results of a batch: activities to park, records to send. */
    private final class DecidedBatch implements PreparedBatch {

        private final Batch batch;
        private final DecisionSession session;
        private final ParkedIndex parkedIndex;
        private final List<NewParkedActivity> toPark = new ArrayList<>();

        DecidedBatch(Batch batch, DecisionSession session) {
            this.batch = batch;
            this.session = session;
            this.parkedIndex = ownership.parkedIndex(batch.assignment());
        }

        void decide(List<Input> inputs, Map<String, Customer> found) {
            inputs.forEach(input -> decide(input, found));
        }

        private void decide(Input input, Map<String, Customer> found) {
            var record = input.record();
            RecordSpan span = batch.span(record, "decide");
            if (input.activity() == null) {
                session.deadLetter(record, span, "unreadable", input.problem());
                return;
            }
            String id = input.activity().customer().text();
            Customer customer = input.customer() != null ? input.customer() : found.get(id);
            if (customer == null || parkedIndex.mustPark(record.partition(), record.offset(), id)) {
                park(new NewParkedActivity(batch.position(record), id, record));
                span.outcome("parked");
                return;
            }
            try {
                session.decide(batch.position(record), input.activity(), customer, record.timestamp(), span);
            } catch (RuntimeException e) {
                session.deadLetter(record, span, "undecidable", DeadLetters.detail(e));
            }
        }

        /**
         * Parks an activity. It counts as parked for later batches at once; if this batch fails, the index is reloaded.
         */
        private void park(NewParkedActivity activity) {
            toPark.add(activity);
            parkedIndex.add(activity.key(), session.now());
        }

        @Override
        public Uni<TransactionOutput> store() {
            var output = new TransactionOutput(session.records(), Map.of(), this::count);
            return toPark.isEmpty()
                    ? Uni.createFrom().item(output)
                    : ownership.write(batch.assignment(), transaction -> ownership.park(transaction, toPark))
                            .replaceWith(output);
        }

        private void count() {
            session.committed();
            ownership.countParked(toPark.size());
            batchSize.record(batch.size());
        }
    }

    @PreDestroy
    void close() {
        stage.close();
    }
}
