package io.nextbestoffer.customer;

import java.time.Duration;
import java.util.ArrayList;
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
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.stage.Assignments;
import io.nextbestoffer.kafka.stage.Batch;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.ExactlyOnceStage;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.stage.PreparedBatch;
import io.nextbestoffer.kafka.stage.StageHandler;
import io.nextbestoffer.kafka.stage.TransactionOutput;
import io.nextbestoffer.platform.Ticker;
import io.quarkus.arc.All;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import io.vertx.mutiny.sqlclient.Pool;

/** The stage that applies the changes of the bank's customers to the table of customers in Postgres. */
@Startup
@ApplicationScoped
class CustomerChanges implements StageHandler {

    private static final Logger LOG = Logger.getLogger(CustomerChanges.class);

    private final CustomerRows rows;
    private final Pool postgres;
    private final List<CustomerErasure> erasures;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final SchemaCache schemas;
    private final ChangeCodec codec;
    private final Counter missingAttributes;
    private final ExactlyOnceStage stage;
    private final Ticker purge;

    CustomerChanges(CustomerRows rows, Pool postgres, @All List<CustomerErasure> erasures, DeadLetters deadLetters,
            MeterRegistry metrics, CustomerConfig config, SchemaCache schemas, ChangeCodec codec, KafkaStages stages,
            @Identifier(Channels.CUSTOMER_CHANGES) Assignments assignments) {
        this.rows = rows;
        this.postgres = postgres;
        this.erasures = erasures;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.schemas = schemas;
        deadLetters(); // registers the counter, so that it starts at 0
        missingAttributes = Counter.builder("nbo.customer.missing.attributes")
                .description("Attributes in applied changes whose values Postgres did not send and that were not known")
                .register(metrics);
        this.codec = codec;
        stage = stages.stage(Channels.CUSTOMER_CHANGES, assignments, this);
        purge = Ticker.every(Duration.ofHours(1),
                () -> rows.purgeMarkers(config.deletionMarker())
                        .invoke(purged -> LOG.debugf("Purged %d deletion markers", purged)),
                failure -> LOG.warnf("Could not purge deletion markers: %s", failure.getClass().getName()));
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
        var needed = new RecordDecoder.SchemaIds();
        batch.forEach(record -> codec.addSchemaIds(needed, record.key(), record.value()));
        return schemas.decoder(needed).map(decoder -> read(batch, decoder));
    }

    private Plan read(Batch batch, RecordDecoder decoder) {
        var plan = new Plan();
        batch.forEach(record -> {
            try {
                plan.changes.add(codec.read(decoder, record.key(), record.value(), batch.position(record)));
            } catch (RuntimeException e) {
                plan.unreadable.add(deadLetters.create(record, "unreadable", DeadLetters.detail(e)));
            }
        });
        return plan;
    }

    /** Long enough for the truncate of a large bank. */
    @Override
    public Duration timeout() {
        return Duration.ofMinutes(15);
    }

    /** The changes of a batch, and the dead letters for its unreadable records. */
    private final class Plan implements PreparedBatch {

        private final ChangePlan changes = new ChangePlan(rows, erasures);
        private final List<ProducerRecord<byte[], byte[]>> unreadable = new ArrayList<>();

        @Override
        public Uni<TransactionOutput> store() {
            return postgres.withTransaction(changes::run)
                    .map(applied -> new TransactionOutput(unreadable, Map.of(), () -> count(this, applied)));
        }
    }

    private void count(Plan plan, CustomerRows.Applied applied) {
        changes("applied", applied.count());
        changes("ignored", plan.changes.changes() - applied.count());
        missingAttributes.increment(applied.missing());
        changes("truncate", plan.changes.truncates());
        changes("irrelevant", plan.changes.irrelevant());
        if (!plan.unreadable.isEmpty()) {
            deadLetters().increment(plan.unreadable.size());
            LOG.warnf("%d changes could not be read and were sent to the dead-letter topic", plan.unreadable.size());
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
        purge.close();
        stage.close();
    }
}
