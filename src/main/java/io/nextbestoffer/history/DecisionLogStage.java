package io.nextbestoffer.history;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

/** The stage that keeps traces: records of many in, rows in Postgres. Nothing waits for it. */
@Startup
@ApplicationScoped
class DecisionLogStage implements StageHandler {

    private static final Logger LOG = Logger.getLogger(DecisionLogStage.class);

    /** Some thousands of decisions: enough for one statement, and little memory. */
    private static final long BATCH_BYTES = 1 << 20;

    private final DecisionLogReader codec;
    private final Pacing pacing;
    private final DecisionLogRetention retention;
    private final DecisionLogPartitions days;
    private final DecisionLog traces;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;
    private final @Nullable ExactlyOnceStage stage;

    DecisionLogStage(DecisionLogStoreConfig config, DecisionLogReader codec, Backlog backlog,
            DecisionLogRetention retention, DecisionLogPartitions days,
            DecisionLog traces, CatchUp catchUp, DeadLetters deadLetters, MeterRegistry metrics, KafkaStages streams,
            @Identifier(Channels.DECISION_TRACES) Assignments assignments,
            @Channel(Channels.DECISION_TRACES) Multi<Message<List<byte[]>>> batches) {
        this.codec = codec;
        this.pacing = backlog.pacing();
        this.retention = retention;
        this.days = days;
        this.traces = traces;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        deadLetters(); // so that it begins at 0
        stage = config.store() ? streams.stage(Channels.DECISION_TRACES, assignments, BATCH_BYTES, this) : null;
        if (stage != null) {
            // Subscribing joins the group. The traces of customers who are not there yet would be lost
            catchUp.done().chain(stage::warmUp).onItem().transformToMulti(ready -> batches)
                    .onItem().transformToUniAndConcatenate(stage::process)
                    .subscribe().with(done -> {
                    }, failure -> LOG.errorf("traces are not read any more: %s", failure.getClass().getName()));
        }
    }

    /** One batch after another, and with rests while there is a backlog: who decides needs CPU and Postgres, too. */
    @Override
    public boolean hasRoom(int records, int inFlight) {
        return inFlight == 0 && pacing.mayBegin();
    }

    @Override
    public Uni<Plan> prepare(Batch batch) {
        pacing.begin();
        var plan = new Plan(retention.firstDay());
        batch.forEach(record -> {
            try {
                codec.read(record.value()).forEach(plan::add);
            } catch (RuntimeException e) {
                plan.unreadable.add(deadLetters.create(record, "unreadable", DeadLetters.detail(e)));
            }
        });
        return Uni.createFrom().item(plan);
    }

    /** What a batch comes to: the latest decision of each id and day, as one statement can't have it twice. */
    private final class Plan implements PreparedBatch {

        private record Key(LocalDate day, UUID decisionId) {
        }

        private final LocalDate firstDay;
        private final Map<Key, LoggedDecision> latest = new HashMap<>();
        private final List<ProducerRecord<byte[], byte[]>> unreadable = new ArrayList<>();

        Plan(LocalDate firstDay) {
            this.firstDay = firstDay;
        }

        void add(LoggedDecision trace) {
            LocalDate day = trace.day();
            if (!day.isBefore(firstDay)) {
                latest.merge(new Key(day, trace.decisionId()), trace,
                        (one, other) -> other.decidedAt().isBefore(one.decidedAt()) ? one : other);
            }
        }

        @Override
        public Uni<TransactionOutput> store() {
            return days.make(latest.keySet().stream().map(Key::day).collect(Collectors.toSet()))
                    .chain(() -> traces.save(latest.values()))
                    .onFailure().invoke(days::forget)
                    .replaceWith(new TransactionOutput(unreadable, Map.of(), this::count));
        }

        private void count() {
            pacing.end();
            if (!unreadable.isEmpty()) {
                deadLetters().increment(unreadable.size());
                LOG.warnf("%d records of traces could not be read and went to the dead-letter topic",
                        unreadable.size());
            }
        }
    }

    private Counter deadLetters() {
        return metrics.counter("nbo.dead.letters", "channel", Channels.DECISION_TRACES, "reason", "unreadable");
    }

    @PreDestroy
    void close() {
        if (stage != null) {
            stage.close();
        }
    }
}
