package io.nextbestoffer.customer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.Channels;
import io.nextbestoffer.avro.Documents;
import io.nextbestoffer.avro.Schemas;
import io.nextbestoffer.stream.Assignments;
import io.nextbestoffer.stream.Batch;
import io.nextbestoffer.stream.DeadLetters;
import io.nextbestoffer.stream.ExactlyOnceStage;
import io.nextbestoffer.stream.Outcome;
import io.nextbestoffer.stream.Streams;
import io.quarkus.arc.All;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** The stage that keeps the table of customers as the bank has it: changes in, rows in Postgres. */
@Startup
@ApplicationScoped
class CustomerChanges implements ExactlyOnceStage.Work {

    private static final Logger LOG = Logger.getLogger(CustomerChanges.class);

    private final CustomerRows rows;
    private final Pool postgres;
    private final List<CustomerErasure> erasures;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final Schemas schemas;
    private final ChangeCodec codec;
    private final ExactlyOnceStage stage;
    private final Cancellable purge;

    CustomerChanges(CustomerRows rows, Pool postgres, @All List<CustomerErasure> erasures, DeadLetters deadLetters,
            MeterRegistry metrics, CustomerConfig config, Schemas schemas, Streams streams,
            @Identifier(Channels.CUSTOMER_CHANGES) Assignments assignments) {
        this.rows = rows;
        this.postgres = postgres;
        this.erasures = erasures;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.schemas = schemas;
        deadLetters(); // so that it begins at 0
        codec = new ChangeCodec(config.idAttribute(), config.keyFormat());
        stage = streams.stage(Channels.CUSTOMER_CHANGES, assignments, this);
        purge = Multi.createFrom().ticks().every(Duration.ofHours(1)).onOverflow().drop()
                .onItem().transformToUniAndConcatenate(tick -> rows.purgeMarkers(config.deletionMarker())
                        .onFailure().recoverWithItem(failure -> {
                            LOG.warnf("markers of deleted customers stay for now: %s", failure.getClass().getName());
                            return 0;
                        }))
                .subscribe().with(purged -> LOG.debugf("%d markers of deleted customers purged", purged));
    }

    @Incoming(Channels.CUSTOMER_CHANGES)
    Uni<Void> consume(KafkaRecordBatch<byte[], byte[]> batch) {
        return stage.process(batch);
    }

    ExactlyOnceStage stage() {
        return stage;
    }

    @Override
    public Uni<Plan> prepare(Batch batch) {
        var needed = new Documents.Needed();
        batch.forEach(record -> codec.needs(needed, record.key(), record.value()));
        return schemas.documents(needed).map(documents -> read(batch, documents));
    }

    private Plan read(Batch batch, Documents documents) {
        var plan = new Plan();
        batch.forEach(record -> {
            try {
                plan.add(codec.read(documents, record.key(), record.value(), batch.position(record)));
            } catch (RuntimeException e) {
                plan.unreadable.add(deadLetters.of(record, "unreadable", DeadLetters.detail(e)));
            }
        });
        return plan;
    }

    /** A truncate of a large bank takes its time. */
    @Override
    public Duration patience() {
        return Duration.ofMinutes(15);
    }

    /** @return how many changes were applied, not counting truncates */
    private Uni<Integer> run(SqlConnection transaction, Plan plan) {
        return Multi.createFrom().iterable(plan.steps)
                .onItem().transformToUniAndConcatenate(step -> step.run(transaction))
                .collect().asList()
                .chain(results -> {
                    var deleted = results.stream().flatMap(result -> result.deleted().stream()).distinct().toList();
                    int applied = results.stream().mapToInt(CustomerRows.Applied::count).sum();
                    return erase(transaction, deleted).replaceWith(applied);
                });
    }

    private Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        Uni<Void> done = Uni.createFrom().voidItem();
        if (!customers.isEmpty()) {
            for (CustomerErasure erasure : erasures) {
                done = done.chain(() -> erasure.erase(transaction, customers));
            }
        }
        return done;
    }

    private Uni<Void> truncate(SqlConnection transaction, ChangeOrder order) {
        return rows.deleteTruncated(transaction, order)
                .chain(ids -> ids.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : erase(transaction, ids).chain(() -> truncate(transaction, order)));
    }

    private interface Step {
        Uni<CustomerRows.Applied> run(SqlConnection transaction);
    }

    /** What a batch comes to: rounds in which no customer is twice, with truncates as barriers between them. */
    private final class Plan implements ExactlyOnceStage.Prepared {

        private final List<Step> steps = new ArrayList<>();
        private final List<ProducerRecord<byte[], byte[]>> unreadable = new ArrayList<>();
        private List<Map<String, CustomerChange.OfOne>> rounds = new ArrayList<>();
        private final Map<String, Integer> nextRound = new LinkedHashMap<>();
        private int changes;
        private int irrelevant;
        private int truncates;

        @Override
        public Uni<Outcome> store() {
            return postgres.withTransaction(transaction -> run(transaction, this))
                    .map(applied -> new Outcome(unreadable, Map.of(), () -> count(this, applied)));
        }

        void add(CustomerChange change) {
            if (change instanceof CustomerChange.OfOne one) {
                changes++;
                int round = nextRound.merge(one.id().text(), 1, Integer::sum) - 1;
                if (round == rounds.size()) {
                    var open = new LinkedHashMap<String, CustomerChange.OfOne>();
                    rounds.add(open);
                    steps.add(transaction -> rows.apply(transaction, open.values()));
                }
                rounds.get(round).put(one.id().text(), one);
            } else if (change instanceof CustomerChange.Truncated truncated) {
                truncates++;
                rounds = new ArrayList<>();
                nextRound.clear();
                steps.add(transaction -> rows.truncated(transaction, truncated.order())
                        .chain(() -> truncate(transaction, truncated.order()))
                        .replaceWith(new CustomerRows.Applied(0, List.of())));
            } else {
                irrelevant++;
            }
        }
    }

    private void count(Plan plan, int applied) {
        changes("applied", applied);
        changes("ignored", plan.changes - applied);
        changes("truncate", plan.truncates);
        changes("irrelevant", plan.irrelevant);
        if (!plan.unreadable.isEmpty()) {
            deadLetters().increment(plan.unreadable.size());
            LOG.warnf("%d changes could not be read and went to the dead-letter topic", plan.unreadable.size());
        }
    }

    private void changes(String outcome, int count) {
        if (count > 0) {
            metrics.counter("nbo.customer.changes", "outcome", outcome).increment(count);
        }
    }

    private Counter deadLetters() {
        return metrics.counter("nbo.dead.letters", "channel", Channels.CUSTOMER_CHANGES, "reason", "unreadable");
    }

    @PreDestroy
    void close() {
        purge.cancel();
        stage.close();
    }
}
