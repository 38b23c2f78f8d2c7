package io.nextbestoffer.benchmark;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How long it takes from the moment at which an activity should have been sent until a reader of committed records has
 * its offer. The load is open: it keeps its pace however long answers take, and what it sends late counts from when it
 * was due.
 */
final class Latency {
    // For the just-in-time compiler: a process that was just started says nothing about one that has run for a day.
    private static final int BACKLOG = 200_000;
    private static final int WARM_UP_SECONDS = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Latency() {
    }

    /** In a process life of its own: a backlog, then each rate in turn, warmed up. */
    static Map<Integer, Histogram> measure(Infrastructure infrastructure, DataSet data, Contestant contestant,
            String name, BenchmarkSettings settings) {
        String topic = name + "-activities";
        String offers = name + "-offers";
        infrastructure.createTopics(data.partitions(), Map.of(), topic, topic + "-dead-letter", offers);
        Bank.Activities source = data.bank().activities();
        load(infrastructure, topic, source);
        Map<Integer, Histogram> measured = new LinkedHashMap<>();
        try (Contestant.Running running = contestant.start(infrastructure,
                new Contestant.Run(name, topic, data.customersTopic(), offers, settings.heap(), Map.of()))) {
            // Measured as throughput only to wait for its end
            Throughput.measure(infrastructure, List.of(running), name, topic, BACKLOG);
            try (OfferWatch watch = new OfferWatch(infrastructure, offers)) {
                for (int rate : settings.rates()) {
                    send(infrastructure, topic, source, rate, WARM_UP_SECONDS, watch);
                    measured.put(rate, send(infrastructure, topic, source, rate, settings.latencySeconds(), watch));
                }
            }
        }
        return measured;
    }

    static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e6;
    }

    private static void load(Infrastructure infrastructure, String topic, Bank.Activities source) {
        try (var producer = DataSet.fastProducer(infrastructure)) {
            for (int i = 0; i < BACKLOG; i++) {
                Bank.Activity activity = source.next();
                producer.send(new ProducerRecord<>(topic, activity.key(), activity.json()));
            }
        }
    }

    /** Returns once the offers of all that was sent are here. */
    private static Histogram send(Infrastructure infrastructure, String topic, Bank.Activities source, int rate,
            int seconds, OfferWatch watch) {
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "acks", "all",
                        "enable.idempotence", true, "linger.ms", 1),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            int count = rate * seconds;
            Bank.Activity activity = source.next();
            long start = System.nanoTime() + 100_000_000;
            OfferWatch.Expected expected = watch.expect(activity.id(), count, start, rate);
            for (int i = 0; i < count; i++) {
                long due = expected.due(activity.id());
                for (long left; (left = due - System.nanoTime()) > 0;) {
                    LockSupport.parkNanos(left);
                }
                producer.send(new ProducerRecord<>(topic, activity.key(), activity.json()),
                        (sent, e) -> failure.compareAndSet(null, e));
                if (i < count - 1) {
                    activity = source.next();
                }
            }
            producer.flush();
            if (failure.get() != null) {
                throw new IllegalStateException("could not send", failure.get());
            }
            return expected.await(PATIENCE);
        }
    }
}
