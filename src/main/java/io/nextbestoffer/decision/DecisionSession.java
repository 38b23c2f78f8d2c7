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

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

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
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.strategy.input.DecisionContext;
import io.nextbestoffer.strategy.input.UndecidableException;

/**
 * Decides the activities of one batch, or of one release, with one snapshot and at one time. It collects the records to
 * send, in the order of the input: offers, dead letters, and the decision log, from which the views in Postgres are
 * made.
 */
final class DecisionSession {

    private static final Logger LOG = Logger.getLogger(DecisionSession.class);

    /** Few buckets, because every replica has its own; close together where a bank would set its objective. */
    private static final Duration[] LATENCY_BUCKETS = LongStream
            .of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000).mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final Snapshot snapshot;
    private final OfferRecordFactory offerRecords;
    private final DeadLetters deadLetters;
    private final DecisionLogWriter decisionLog;
    private final MeterRegistry metrics;
    private final int maxOfferBytes;
    private final Instant now;
    private final OfferJsonEncoder offerEncoder = new OfferJsonEncoder();
    private final JsonEncoder inputsEncoder = new JsonEncoder();
    private final List<Sent> sent = new ArrayList<>();
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final Map<String, Integer> deadLettersByReason = new HashMap<>();
    /** The number of activities that each attribute made undecidable, by its reference. */
    private final Map<String, Integer> undecidableAttributes = new HashMap<>();

    /**
     * An offer to be counted once it is committed.
     *
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     */
    private record Sent(long recordTime, String strategy, String offer, RecordSpan span) {
    }

    DecisionSession(Snapshot snapshot, OfferRecordFactory offerRecords, DeadLetters deadLetters,
            DecisionLogWriter decisionLog, Clock clock, MeterRegistry metrics) {
        this.snapshot = snapshot;
        this.offerRecords = offerRecords;
        this.deadLetters = deadLetters;
        this.decisionLog = decisionLog;
        this.metrics = metrics;
        maxOfferBytes = deadLetters.limit();
        now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** The time of all decisions of this session, to the millisecond. */
    Instant now() {
        return now;
    }

    /**
     * Decides an activity.
     *
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param span the span of the activity, whose trace continues in the offer
     * @throws InvalidInputException if the activity can't be decided; the session is then unchanged
     */
    void decide(RecordPosition position, Activity activity, Customer customer, long recordTime, RecordSpan span) {
        Decision decision = decide(position, new DecisionContext(activity, customer), recordTime);
        byte[] json = offerEncoder.utf8(decision);
        if (json.length > maxOfferBytes) {
            // Kafka would reject it, and it would block its partition
            throw new InvalidInputException("the offer would have " + json.length + " bytes");
        }
        String customerId = activity.customer().text();
        ProducerRecord<byte[], byte[]> record = offerRecords.record(customerId, json);
        byte[] inputs = decision.strategy().outputsAllInputs() ? null : inputsEncoder.utf8(decision.inputs()::writeTo);
        String strategy = decision.strategy().name();
        String offer = decision.offer().id().text();
        decisionLog.add(new DecisionLogWriter.Entry(position, recordTime, decision.id(), now, customerId, offer,
                strategy, decision.strategy().version(), json, inputs));
        sent.add(new Sent(recordTime, strategy, offer, span));
        OfferHeaders.addTo(record.headers(), position);
        span.headers().forEach(record.headers()::add);
        records.add(record);
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

    /**
     * @param reason a stable code, for machines
     * @param detail a description of the problem, for people
     */
    void deadLetter(ConsumerRecord<byte[], byte[]> record, RecordSpan span, String reason, String detail) {
        add(deadLetters.create(record, reason, detail), span, reason);
    }

    void deadLetter(String topic, RecordPosition position, byte @Nullable [] key, byte @Nullable [] value,
            Headers headers, RecordSpan span, String reason, String detail) {
        add(deadLetters.create(topic, position.partition(), position.offset(), key, value, headers, reason, detail),
                span, reason);
    }

    private void add(ProducerRecord<byte[], byte[]> deadLetter, RecordSpan span, String reason) {
        deadLettersByReason.merge(reason, 1, Integer::sum);
        records.add(deadLetter);
        span.outcome(reason);
    }

    /**
     * Returns the offers and dead letters in the order of the input, then the decision log. Call it once, at the end.
     */
    List<ProducerRecord<byte[], byte[]>> records() {
        records.addAll(decisionLog.take());
        return records;
    }

    /**
     * Registers counters at start, so that they begin at 0: Prometheus misses the first increase of a counter that
     * appears later.
     */
    static void registerMetrics(MeterRegistry metrics) {
        latency(metrics);
        for (String reason : List.of("unreadable", "undecidable", "customer-unknown", "customer-erased")) {
            deadLetters(metrics, reason);
        }
    }

    private static Timer latency(MeterRegistry metrics) {
        return Timer.builder("nbo.decision.latency")
                .description("Time from Kafka's timestamp of an activity to the commit of its offer")
                .serviceLevelObjectives(LATENCY_BUCKETS).register(metrics);
    }

    private static Counter deadLetters(MeterRegistry metrics, String reason) {
        return metrics.counter("nbo.dead.letters", "channel", Channels.ACTIVITIES, "reason", reason);
    }

    /** Counts offers and dead letters once they are committed, because a batch that fails is decided again. */
    void committed() {
        Timer latency = latency(metrics);
        long commitTime = System.currentTimeMillis();
        var offers = new HashMap<String, Map<String, Integer>>();
        for (Sent one : sent) {
            try (var scope = one.span().current()) {
                latency.record(Math.max(0, commitTime - one.recordTime()), TimeUnit.MILLISECONDS);
            }
            offers.computeIfAbsent(one.strategy(), strategy -> new HashMap<>()).merge(one.offer(), 1, Integer::sum);
        }
        // Looking up a counter by its tags is slow, so this is done once per offer rather than per decision
        offers.forEach((strategy, counts) -> counts.forEach((offer, count) -> metrics.counter("nbo.decisions",
                "strategy", strategy, "offer", offer).increment(count)));
        if (!deadLettersByReason.isEmpty()) {
            LOG.warnf("activities went to the dead-letter topic, by reason: %s", deadLettersByReason);
        }
        deadLettersByReason.forEach((reason, count) -> deadLetters(metrics, reason).increment(count));
        undecidableAttributes
                .forEach((attribute, count) -> UndecidableAttributes.STREAM.count(metrics, attribute, count));
    }
}
