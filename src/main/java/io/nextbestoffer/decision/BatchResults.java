package io.nextbestoffer.decision;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nextbestoffer.Channels;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonEncoder;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.decision.record.OfferHeaders;
import io.nextbestoffer.decision.record.OfferJsonEncoder;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.governance.UndecidableAttributes;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

/** What a step has come to so far: decisions to store, records to send, in the order of the input. */
public final class BatchResults {

    private static final Logger LOG = Logger.getLogger(BatchResults.class);

    /** Few, for they are per replica; close together where a bank would set its objective. */
    private static final Duration[] BUCKETS = LongStream
            .of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000).mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final Snapshot snapshot;
    private final OfferRecordFactory output;
    private final int maxBytes;
    private final Instant now;
    private final OfferJsonEncoder encoder = new OfferJsonEncoder();
    private final JsonEncoder inputsEncoder = new JsonEncoder();
    private final DecisionLogWriter traces;
    private final List<DecisionStore.Decided> decided = new ArrayList<>();
    private final List<RecordSpan> spans = new ArrayList<>();
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final Map<String, Integer> deadLetters = new HashMap<>();
    /** How many activities each attribute made undecidable, by its reference. */
    private final Map<String, Integer> undecidableAttributes = new HashMap<>();

    /** @param maxBytes of an offer: a larger one would block its partition */
    public BatchResults(Snapshot snapshot, OfferRecordFactory output, DecisionLogWriter traces, int maxBytes,
            Clock clock) {
        this.snapshot = snapshot;
        this.output = output;
        this.traces = traces;
        this.maxBytes = maxBytes;
        this.now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * @param span of the activity, whose trace goes on in the offer
     * @throws InvalidInputException if no offer can be decided; then nothing was added
     */
    public void decide(RecordPosition position, Activity activity, Customer customer, long recordTime,
            RecordSpan span) {
        Decision decision = decide(position, new DecisionContext(activity, customer), recordTime);
        byte[] json = encoder.utf8(decision);
        if (json.length > maxBytes) {
            throw new InvalidInputException("the offer would have " + json.length + " bytes");
        }
        String customerId = activity.customer().text();
        ProducerRecord<byte[], byte[]> record = output.record(customerId, json);
        byte[] inputs = decision.strategy().outputsAllInputs() ? null : inputsEncoder.utf8(decision.inputs()::writeTo);
        traces.add(json, inputs);
        decided.add(new DecisionStore.Decided(position, recordTime, customerId, decision.strategy().name(),
                decision.offer().id(), json, inputs));
        OfferHeaders.addTo(record.headers(), position);
        span.headers().forEach(record.headers()::add);
        records.add(record);
        spans.add(span);
        span.outcome("offer");
    }

    private Decision decide(RecordPosition position, DecisionContext context, long recordTime) {
        try {
            return Decider.decide(position.decisionId(), context, snapshot, Instant.ofEpochMilli(recordTime), now);
        } catch (UndecidableException e) {
            if (e.attribute() != null) {
                undecidableAttributes.merge(e.attribute(), 1, Integer::sum);
            }
            throw e;
        }
    }

    public void deadLetter(String reason, ProducerRecord<byte[], byte[]> record) {
        deadLetters.merge(reason, 1, Integer::sum);
        records.add(record);
    }

    public List<DecisionStore.Decided> decided() {
        return decided;
    }

    /** When all is decided: offers and dead letters in the order of the input, then the traces. */
    public List<ProducerRecord<byte[], byte[]>> records() {
        records.addAll(traces.take());
        return records;
    }

    /** At start, so that counters begin at 0: Prometheus would not see the first of them as an increase. */
    static void register(MeterRegistry metrics) {
        latency(metrics);
        for (String reason : List.of("unreadable", "undecidable", "customer-unknown", "customer-erased")) {
            deadLetters(metrics, reason);
        }
        metrics.counter("nbo.parked");
        metrics.counter("nbo.released");
    }

    private static Timer latency(MeterRegistry metrics) {
        return Timer.builder("nbo.decision.latency")
                .description("From Kafka's timestamp of the activity to the committed offer")
                .serviceLevelObjectives(BUCKETS).register(metrics);
    }

    private static Counter deadLetters(MeterRegistry metrics, String reason) {
        return metrics.counter("nbo.dead.letters", "channel", Channels.ACTIVITIES, "reason", reason);
    }

    /** Once it is committed: a step that failed counts nothing. */
    public void count(MeterRegistry metrics) {
        Timer latency = latency(metrics);
        long committed = System.currentTimeMillis();
        var offers = new HashMap<String, Map<String, Integer>>();
        for (int i = 0; i < decided.size(); i++) {
            var one = decided.get(i);
            try (var traced = spans.get(i).current()) {
                latency.record(Math.max(0, committed - one.recordTime()), TimeUnit.MILLISECONDS);
            }
            offers.computeIfAbsent(one.strategy(), strategy -> new HashMap<>()).merge(one.offer().text(), 1,
                    Integer::sum);
        }
        // A counter is looked up by its tags: once for each offer, not for each decision
        offers.forEach((strategy, ofStrategy) -> ofStrategy.forEach((offer, count) -> metrics.counter("nbo.decisions",
                "strategy", strategy, "offer", offer).increment(count)));
        if (!deadLetters.isEmpty()) {
            LOG.warnf("activities went to the dead-letter topic, by reason: %s", deadLetters);
        }
        deadLetters.forEach((reason, count) -> deadLetters(metrics, reason).increment(count));
        undecidableAttributes
                .forEach((attribute, count) -> UndecidableAttributes.STREAM.count(metrics, attribute, count));
    }
}
