package io.nextbestoffer.benchmark;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Activities at a steady pace. The load is open: it keeps its pace however long answers take, and what it sends late
 * counts from when it was due.
 */
final class OpenLoopLoad implements AutoCloseable {

    /**
     * Nanoseconds from the moment at which an activity was due, and how much of that was the harness.
     *
     * @param offers until a reader of committed records had its offer
     * @param inKafka until Kafka had acknowledged the activity
     * @param late until it was handed to the producer
     * @param pausedMillis how long the harness's garbage collector stopped it, in sum
     */
    record Measured(Histogram offers, Histogram inKafka, Histogram late, long pausedMillis) {

        static double millis(Histogram nanos, double percentile) {
            return nanos.getValueAtPercentile(percentile) / 1e6;
        }
    }

    private final String topic;
    private final GeneratedBank.Activities source;
    private final OfferLatencyReader watch;
    // One for all its life: its first record waits for an id from the broker
    private final KafkaProducer<byte[], byte[]> producer;

    OpenLoopLoad(BenchmarkInfrastructure infrastructure, String topic, GeneratedBank.Activities source,
            OfferLatencyReader watch) {
        this.topic = topic;
        this.source = source;
        this.watch = watch;
        producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "acks", "all",
                        // Kafka's default since 4.0; to send at once would cost the broker half of what it has
                        "enable.idempotence", true, "linger.ms", 5),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Warms up and measures without a stop in between; returns once the offers of all that was sent are here.
     *
     * @param rate per second
     * @param warmUp seconds
     * @param patience how long the last offers may take
     */
    Measured send(int rate, int warmUp, int seconds, Duration patience) {
        AtomicReference<Exception> failure = new AtomicReference<>();
        Histogram inKafka = new SynchronizedHistogram(3);
        Histogram late = new Histogram(3);
        producer.partitionsFor(topic);
        int unmeasured = rate * warmUp;
        int count = unmeasured + rate * seconds;
        System.gc(); // now rather than later
        GeneratedBank.Activity activity = source.next();
        OfferLatencyReader.Expected expected = watch.expect(activity.id(), unmeasured, count,
                System.nanoTime() + 100_000_000,
                rate);
        long paused = 0;
        for (int i = 0; i < count; i++) {
            if (i == unmeasured) {
                paused = pausedMillis();
            }
            long due = expected.due(activity.id());
            for (long left; (left = due - System.nanoTime()) > 0;) {
                LockSupport.parkNanos(left);
            }
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
            throw new IllegalStateException("could not send", failure.get());
        }
        Histogram offers = expected.await(patience);
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
