package io.nextbestoffer.decision;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.nextbestoffer.Channels;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.activity.ActivityCodec;
import io.nextbestoffer.customer.CatchUp;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.customer.Customers;
import io.nextbestoffer.stream.Assignment;
import io.nextbestoffer.stream.Assignments;
import io.nextbestoffer.stream.Batch;
import io.nextbestoffer.stream.DeadLetters;
import io.nextbestoffer.stream.ExactlyOnceStage;
import io.nextbestoffer.stream.Outcome;
import io.nextbestoffer.stream.StageTimer;
import io.nextbestoffer.stream.Streams;
import io.nextbestoffer.stream.TopicConfig;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;

/**
 * The stage that decides: activities in, offers out. Of a batch, it finds the customers in one go, decides in memory,
 * stores in one transaction, and hands over what {@link ExactlyOnceStage} commits in one other.
 */
@Startup
@ApplicationScoped
class DecisionPipeline implements ExactlyOnceStage.Work {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final ActivityCodec codec;
    private final Customers customers;
    private final CatchUp catchUp;
    private final ActiveStrategy strategy;
    private final Parking parking;
    private final DecisionStore store;
    private final DeadLetters deadLetters;
    private final TopicConfig topics;
    private final Clock clock;
    private final MeterRegistry metrics;
    private final StageTimer timer;
    private final DistributionSummary batchSize;
    private final ExactlyOnceStage stage;

    DecisionPipeline(ActivityCodec codec, Customers customers, CatchUp catchUp, ActiveStrategy strategy,
            Parking parking, DecisionStore store, DeadLetters deadLetters, TopicConfig topics, Clock clock,
            MeterRegistry metrics, Streams streams, @Identifier(Channels.ACTIVITIES) Assignments assignments) {
        this.codec = codec;
        this.customers = customers;
        this.catchUp = catchUp;
        this.strategy = strategy;
        this.parking = parking;
        this.store = store;
        this.deadLetters = deadLetters;
        this.topics = topics;
        this.clock = clock;
        this.metrics = metrics;
        timer = new StageTimer(metrics, Channels.ACTIVITIES);
        batchSize = DistributionSummary.builder("nbo.batch.size").description("Activities decided in one batch")
                .register(metrics);
        stage = streams.stage(Channels.ACTIVITIES, assignments, this);
    }

    @Incoming(Channels.ACTIVITIES)
    Uni<Void> consume(KafkaRecordBatch<byte[], byte[]> batch) {
        return catchUp.done()
                .chain(() -> once(() -> parking.hasRoom(batch.getRecords().size())))
                .chain(() -> once(() -> strategy.snapshot() != null))
                .chain(() -> stage.process(batch));
    }

    ExactlyOnceStage stage() {
        return stage;
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
    public Uni<Outcome> apply(Batch batch) {
        var run = new Run(batch, new Results(snapshot(), topics.offers(), deadLetters.limit(), clock),
                new ArrayList<>());
        List<Input> inputs = timer.time("decode", () -> decode(batch));
        return timer.time("profiles", customers.find(customerIds(inputs)))
                .invoke(known -> timer.time("decide", () -> run.decide(inputs, known)))
                .chain(known -> timer.time("store", run.store()))
                .map(stored -> run.outcome());
    }

    /** @param problem why it can't be read; then there is no activity */
    private record Input(ConsumerRecord<byte[], byte[]> record, @Nullable Activity activity,
            @Nullable String problem) {
    }

    private List<Input> decode(Batch batch) {
        var inputs = new ArrayList<Input>(batch.size());
        batch.forEach(record -> {
            try {
                inputs.add(new Input(record, codec.read(record.key(), record.value()), null));
            } catch (RuntimeException e) {
                inputs.add(new Input(record, null, DeadLetters.detail(e)));
            }
        });
        return inputs;
    }

    private static Set<String> customerIds(List<Input> inputs) {
        var ids = new HashSet<String>();
        for (Input input : inputs) {
            if (input.activity() != null) {
                ids.add(input.activity().customer().text());
            }
        }
        return ids;
    }

    private Snapshot snapshot() {
        Snapshot snapshot = strategy.snapshot();
        if (snapshot == null) {
            throw new IllegalStateException(strategy.obstacle());
        }
        return snapshot;
    }

    private static Uni<Void> once(BooleanSupplier condition) {
        return condition.getAsBoolean()
                ? Uni.createFrom().voidItem()
                : Uni.createFrom().item(condition::getAsBoolean).onItem().delayIt().by(LOOK_AGAIN)
                        .repeat().until(met -> met).collect().last().replaceWithVoid();
    }

    /** One batch on its way. */
    private final class Run {

        private final Batch batch;
        private final Results results;
        private final List<ParkedActivities.Parking> toPark;
        private final ParkedPlaces places;

        Run(Batch batch, Results results, List<ParkedActivities.Parking> toPark) {
            this.batch = batch;
            this.results = results;
            this.toPark = toPark;
            this.places = parking.places(batch.assignment());
        }

        void decide(List<Input> inputs, Map<String, Customer> known) {
            var parkedNow = new HashSet<String>();
            for (Input input : inputs) {
                var record = input.record();
                if (input.activity() == null) {
                    results.deadLetter("unreadable", deadLetters.of(record, "unreadable", input.problem()));
                    continue;
                }
                String id = input.activity().customer().text();
                Customer customer = known.get(id);
                if (customer == null || parkedNow.contains(record.partition() + "/" + id)
                        || places.waits(record.partition(), record.offset(), id)) {
                    parkedNow.add(record.partition() + "/" + id);
                    toPark.add(new ParkedActivities.Parking(batch.position(record), id, record));
                    continue;
                }
                try {
                    results.decide(batch.position(record), input.activity(), customer, record.timestamp());
                } catch (RuntimeException e) {
                    results.deadLetter("undecidable", deadLetters.of(record, "undecidable", DeadLetters.detail(e)));
                }
            }
        }

        Uni<Void> store() {
            if (results.decided().isEmpty() && toPark.isEmpty()) {
                return Uni.createFrom().voidItem();
            }
            return parking.own(batch.assignment(), transaction -> store.save(transaction, results.decided())
                    .chain(() -> parking.park(transaction, toPark)));
        }

        Outcome outcome() {
            return new Outcome(results.records(), Map.of(), () -> {
                places.add(toPark.stream().map(ParkedActivities.Parking::place).toList());
                results.count(metrics);
                metrics.counter("nbo.parked").increment(toPark.size());
                batchSize.record(batch.size());
            });
        }
    }

    @PreDestroy
    void close() {
        stage.close();
    }
}
