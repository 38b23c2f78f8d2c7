package io.nextbestoffer.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import io.nextbestoffer.sandbox.LoadPace;

/** Reads committed offers, and records the time at which each arrives. */
final class OfferLatencyReader implements AutoCloseable {

    /** Activities that are sent at a steady rate, and their offers. */
    static final class Expected {
        private final Histogram latencies = new Histogram(3);
        private final BitSet received = new BitSet();
        private final int first;
        private final int warmUp;
        private final int count;
        private final LoadPace pace;
        private int repeated;
        private Exception failure;

        private Expected(int first, int warmUp, int count, LoadPace pace) {
            this.first = first;
            this.warmUp = warmUp;
            this.count = count;
            this.pace = pace;
        }

        /** Time at which an activity is due, in terms of {@link System#nanoTime()}. */
        long due(int activity) {
            return pace.due(activity - first);
        }

        private synchronized void received(int activity, long nanos) {
            int index = activity - first;
            if (index < 0 || index >= count) {
                return;
            }
            if (received.get(index)) {
                repeated++;
                return;
            }
            received.set(index);
            if (index >= warmUp) {
                latencies.recordValue(Math.max(0, nanos - due(activity)));
            }
        }

        private synchronized void failed(Exception e) {
            failure = e;
            notifyAll();
        }

        /**
         * Waits for all offers.
         *
         * @return latencies after the warm-up, in nanoseconds
         * @throws OutputCheck.Failed if an offer is missing or duplicated
         */
        synchronized Histogram await(Duration limit) {
            long deadline = System.nanoTime() + limit.toNanos();
            try {
                while (failure == null && received.cardinality() < count && System.nanoTime() < deadline) {
                    wait(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (failure != null) {
                throw new IllegalStateException("could not read offers", failure);
            }
            int missing = count - received.cardinality();
            if (missing > 0 || repeated > 0) {
                throw new OutputCheck.Failed("of " + count + " activities " + missing + " are missing after " + limit
                        + ", " + repeated + " are duplicated");
            }
            return latencies;
        }
    }

    /** Receives each offer, in the thread of the reader. */
    interface Listener {

        /**
         * @param activity id of its activity
         * @param customer key of the record
         * @param nanos time at which the offer arrived, in terms of {@link System#nanoTime()}
         */
        void received(int activity, byte[] customer, long nanos);
    }

    private final Listener listener;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::run, "offer-latency");
    private volatile Expected expected;

    /** Creates a reader of the offers that are committed from now on. */
    OfferLatencyReader(BenchmarkInfrastructure infrastructure, String topic) {
        this(infrastructure, topic, (activity, customer, nanos) -> {
        });
    }

    /** Creates a reader of the offers that are committed from now on, and passes them to a listener. */
    OfferLatencyReader(BenchmarkInfrastructure infrastructure, String topic, Listener listener) {
        this.listener = listener;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "isolation.level",
                        "read_committed", "enable.auto.commit", false, "max.poll.records", 10_000,
                        // The default, explicit because latency depends on it: the broker answers as soon as it has one
                        // record.
                        "fetch.min.bytes", 1),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // seeking is lazy
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * @param first id of the first activity; the ids are consecutive
     * @param warmUp number of activities whose offers are expected but not measured
     * @param pace times at which they are due
     */
    Expected expect(int first, int warmUp, int count, LoadPace pace) {
        Expected next = new Expected(first, warmUp, count, pace);
        expected = next;
        return next;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
                long now = System.nanoTime();
                Expected current = expected;
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (current != null) {
                        int activity = OfferFields.read(record.value()).activity();
                        current.received(activity, now);
                        listener.received(activity, record.key(), now);
                    }
                }
            }
        } catch (WakeupException e) {
            // closing
        } catch (IOException | RuntimeException e) {
            Expected current = expected;
            if (current != null) {
                current.failed(e);
            }
        }
    }
}
