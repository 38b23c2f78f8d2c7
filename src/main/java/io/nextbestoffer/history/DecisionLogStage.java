package io.nextbestoffer.history;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.Channels;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.job.Backlog;
import io.nextbestoffer.job.Pacing;
import io.nextbestoffer.kafka.stage.Assignments;
import io.nextbestoffer.kafka.stage.Batch;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.ExactlyOnceStage;
import io.nextbestoffer.kafka.stage.KafkaStages;
import io.nextbestoffer.kafka.stage.PreparedBatch;
import io.nextbestoffer.kafka.stage.StageHandler;
import io.nextbestoffer.kafka.stage.TransactionOutput;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/**
 * The stage that stores the decision log: records of many decisions in, rows in Postgres out. No other part of the
 * service waits for it.
 */
@Startup
@ApplicationScoped
class DecisionLogStage implements StageHandler {

    private static final Logger LOG = Logger.getLogger(DecisionLogStage.class);

    /** Holds some thousands of decisions: enough for one statement, in little memory. */
    private static final long MAX_BATCH_BYTES = 1 << 20;

    private final DecisionLogReader reader;
    private final Pacing pacing;
    private final DecisionLogRetention retention;
    private final DecisionLogPartitions partitions;
    private final DecisionLog log;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final @Nullable ExactlyOnceStage stage;

    DecisionLogStage(DecisionLogStoreConfig config, DecisionLogReader reader, Backlog backlog,
            DecisionLogRetention retention, DecisionLogPartitions partitions, DecisionLog log, CatchUp catchUp,
            DeadLetters deadLetters, MeterRegistry metrics, KafkaStages stages,
            @Identifier(Channels.DECISION_TRACES) Assignments assignments,
            @Channel(Channels.DECISION_TRACES) Multi<Message<List<byte[]>>> polls) {
        this.reader = reader;
        this.pacing = backlog.pacing();
        this.retention = retention;
        this.partitions = partitions;
        this.log = log;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        deadLetterCounter(); // registered now, so that it begins at 0
        stage = config.store() ? stages.stage(Channels.DECISION_TRACES, assignments, MAX_BATCH_BYTES, this) : null;
        if (stage != null) {
            // Subscribing joins the group. Before the catch-up, decisions for customers not loaded yet would be lost
            catchUp.done().chain(stage::warmUp).onItem().transformToMulti(ready -> polls)
                    .onItem().transformToUniAndConcatenate(stage::process)
                    .subscribe().with(done -> {
                    }, failure -> LOG.errorf("the decision log is not stored any more: %s",
                            failure.getClass().getName()));
        }
    }

    /**
     * Allows one batch at a time, with pauses while there is a backlog of activities, which need the CPU and Postgres,
     * too.
     */
    @Override
    public boolean hasRoom(int records, int inFlight) {
        return inFlight == 0 && pacing.mayBegin();
    }

    @Override
    public Uni<LogBatch> prepare(Batch batch) {
        pacing.begin();
        var logBatch = new LogBatch(retention.firstDay());
        batch.forEach(record -> {
            try {
                reader.read(record).forEach(logBatch::add);
            } catch (RuntimeException e) {
                logBatch.unreadable.add(deadLetters.create(record, "unreadable", DeadLetters.detail(e)));
            }
        });
        return Uni.createFrom().item(logBatch);
    }

    /** The decisions to store, and unreadable records. */
    private final class LogBatch implements PreparedBatch {

        private final LocalDate firstDay;
        private final List<LoggedDecision> decisions = new ArrayList<>();
        private final List<ProducerRecord<byte[], byte[]>> unreadable = new ArrayList<>();

        LogBatch(LocalDate firstDay) {
            this.firstDay = firstDay;
        }

        void add(LoggedDecision decision) {
            if (!decision.day().isBefore(firstDay)) {
                decisions.add(decision);
            }
        }

        @Override
        public Uni<TransactionOutput> store() {
            return partitions.create(decisions.stream().map(LoggedDecision::day).collect(Collectors.toSet()))
                    .chain(() -> log.save(decisions))
                    .onFailure().invoke(partitions::forget)
                    .replaceWith(new TransactionOutput(unreadable, Map.of(), this::count));
        }

        private void count() {
            pacing.end();
            if (!unreadable.isEmpty()) {
                deadLetterCounter().increment(unreadable.size());
                LOG.warnf("%d records of the decision log could not be read and went to the dead-letter topic",
                        unreadable.size());
            }
        }
    }

    private Counter deadLetterCounter() {
        return metrics.counter("nbo.dead.letters", "channel", Channels.DECISION_TRACES, "reason", "unreadable");
    }

    @PreDestroy
    void close() {
        if (stage != null) {
            stage.close();
        }
    }
}
