package io.nextbestoffer.decision;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nextbestoffer.Channels;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonEncoder;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.customer.Customer;
import io.nextbestoffer.stream.Position;

/** What a step has come to so far: decisions to store, records to send, in the order of the input. */
final class Results {

    private static final Logger LOG = Logger.getLogger(Results.class);

    private final Snapshot snapshot;
    private final String offersTopic;
    private final int maxBytes;
    private final Instant now;
    private final OfferEncoder encoder = new OfferEncoder();
    private final JsonEncoder inputsEncoder = new JsonEncoder();
    private final Traces traces;
    private final List<DecisionStore.Decided> decided = new ArrayList<>();
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final Map<String, Integer> deadLetters = new HashMap<>();

    /** @param maxBytes of an offer: a larger one would block its partition */
    Results(Snapshot snapshot, String offersTopic, Traces traces, int maxBytes, Clock clock) {
        this.snapshot = snapshot;
        this.offersTopic = offersTopic;
        this.traces = traces;
        this.maxBytes = maxBytes;
        this.now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** @throws InvalidInputException if no offer can be decided; then nothing was added */
    void decide(Position position, Activity activity, Customer customer, long recordTime) {
        Decision decision = Decider.decide(position.decisionId(), activity, customer, snapshot,
                Instant.ofEpochMilli(recordTime), now);
        byte[] json = encoder.utf8(decision);
        if (json.length > maxBytes) {
            throw new InvalidInputException("the offer would have " + json.length + " bytes");
        }
        byte[] inputs = decision.strategy().putsOutAllInputs() ? null : inputsEncoder.utf8(decision.inputs()::writeTo);
        traces.add(json, inputs);
        String customerId = activity.customer().text();
        decided.add(new DecisionStore.Decided(position, recordTime, customerId, decision.strategy().name(),
                decision.offer().id(), json, inputs));
        records.add(new ProducerRecord<>(offersTopic, null, JsonReader.utf8(customerId), json,
                OfferHeaders.of(position)));
    }

    void deadLetter(String reason, ProducerRecord<byte[], byte[]> record) {
        deadLetters.merge(reason, 1, Integer::sum);
        records.add(record);
    }

    List<DecisionStore.Decided> decided() {
        return decided;
    }

    /** When all is decided: offers and dead letters in the order of the input, then the traces. */
    List<ProducerRecord<byte[], byte[]>> records() {
        records.addAll(traces.take());
        return records;
    }

    /** Once it is committed: a step that failed counts nothing. */
    void count(MeterRegistry metrics) {
        Timer latency = Timer.builder("nbo.decision.latency")
                .description("From Kafka's timestamp of the activity to the committed offer").register(metrics);
        var offers = new HashMap<String, Map<String, Integer>>();
        for (var one : decided) {
            latency.record(Math.max(0, System.currentTimeMillis() - one.recordTime()), TimeUnit.MILLISECONDS);
            offers.computeIfAbsent(one.strategy(), strategy -> new HashMap<>()).merge(one.offer().text(), 1,
                    Integer::sum);
        }
        // A counter is looked up by its tags: once for each offer, not for each decision
        offers.forEach((strategy, ofStrategy) -> ofStrategy.forEach((offer, count) -> metrics.counter("nbo.decisions",
                "strategy", strategy, "offer", offer).increment(count)));
        if (!deadLetters.isEmpty()) {
            LOG.warnf("activities went to the dead-letter topic, by reason: %s", deadLetters);
        }
        deadLetters.forEach((reason, count) -> metrics.counter("nbo.dead.letters",
                "channel", Channels.ACTIVITIES, "reason", reason).increment(count));
    }
}
