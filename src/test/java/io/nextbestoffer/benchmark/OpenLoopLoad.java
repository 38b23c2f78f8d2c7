package io.nextbestoffer.benchmark;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.nextbestoffer.sandbox.LoadPace;

/**
 * Sends activities at a steady rate. The load is open: it keeps its rate regardless of latencies, and the latency of an
 * activity sent late counts from the time at which it was due.
 */
final class OpenLoopLoad implements AutoCloseable {

    /**
     * Latencies in nanoseconds from the moment at which an activity was due, and the share of the harness.
     *
     * @param offers until a {@code read_committed} consumer received its offer
     * @param inKafka until Kafka acknowledged the activity
     * @param late until it was passed to the producer
     * @param pausedMillis total pauses by the harness's garbage collector
     */
    record Measured(Histogram offers, Histogram inKafka, Histogram late, long pausedMillis) {

        static double millis(Histogram nanos, double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e6;
        }
    }

    private final String topic;
    private final GeneratedBank.Activities source;
    private final OfferLatencyReader reader;
    // One producer for all runs: the first record of a producer waits for an id from the broker
    private final KafkaProducer<byte[], byte[]> producer;

    OpenLoopLoad(BenchmarkInfrastructure infrastructure, String topic, GeneratedBank.Activities source,
            OfferLatencyReader reader) {
        this.topic = topic;
        this.source = source;
        this.reader = reader;
        producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "acks", "all",
                        // Kafka's default since 4.0; sending at once would halve the broker's throughput
                        "enable.idempotence", true, "linger.ms", 5),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Warms up and measures without a pause in between; returns once the offers of all activities have arrived.
     *
     * @param rate activities per second
     * @param warmUp duration in seconds
     * @param timeout maximum time to wait for the last offers
     */
    Measured send(int rate, int warmUp, int seconds, Duration timeout) {
        AtomicReference<Exception> failure = new AtomicReference<>();
        Histogram inKafka = new SynchronizedHistogram(3);
        Histogram late = new Histogram(3);
        producer.partitionsFor(topic);
        int unmeasured = rate * warmUp;
        int count = unmeasured + rate * seconds;
        System.gc(); // before the measurement rather than during it
        // Begins a little later, so that the first activity is not late
        LoadPace pace = new LoadPace(System.nanoTime() + 100_000_000, rate);
        GeneratedBank.Activity activity = source.next();
        OfferLatencyReader.Expected expected = reader.expect(activity.id(), unmeasured, count, pace);
        long paused = 0;
        for (int i = 0; i < count; i++) {
            if (i == unmeasured) {
                paused = pausedMillis();
            }
            long due = expected.due(activity.id());
            pace.awaitDue(i);
            boolean measured = i >= unmeasured;
            if (measured) {
                late.recordValue(System.nanoTime() - due);
            }
            producer.send(new ProducerRecord<>(topic, activity.key(), activity.json()), (sent, e) -> {
                failure.compareAndSet(null, e);
                if (measured) {
                    inKafka.recordValue(System.nanoTime() - due);
                }
            });
            if (i < count - 1) {
                activity = source.next();
            }
        }
        producer.flush();
        if (failure.get() != null) {
            throw new IllegalStateException("could not send the activities", failure.get());
        }
        Histogram offers = expected.await(timeout);
        return new Measured(offers, inKafka, late, pausedMillis() - paused);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    private static long pausedMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
    }
}
