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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

/** Reads offers as they are committed, and notes when each was there. */
final class OfferLatencyReader implements AutoCloseable {

    /** Activities that are sent at a steady pace, and their offers. */
    static final class Expected {
        private final Histogram latencies = new Histogram(3);
        private final BitSet seen = new BitSet();
        private final int first;
        private final int warmUp;
        private final int count;
        private final long start;
        private final double interval;
        private int repeated;
        private Exception failure;

        private Expected(int first, int warmUp, int count, long start, int rate) {
            this.first = first;
            this.warmUp = warmUp;
            this.count = count;
            this.start = start;
            this.interval = 1e9 / rate;
        }

        /** When an activity is to be sent, in terms of {@link System#nanoTime()}. */
        long due(int activity) {
            return start + (long) ((activity - first) * interval);
        }

        private synchronized void received(int activity, long nanos) {
            int index = activity - first;
            if (index < 0 || index >= count) {
                return;
            }
            if (seen.get(index)) {
                repeated++;
                return;
            }
            seen.set(index);
            if (index >= warmUp) {
                latencies.recordValue(Math.max(0, nanos - due(activity)));
            }
        }

        private synchronized void failed(Exception e) {
            failure = e;
            notifyAll();
        }

        /**
         * @return nanoseconds, of those after the warm-up
         * @throws OutputCheck.Failed if an offer does not come, or comes twice
         */
        synchronized Histogram await(Duration limit) {
            long deadline = System.nanoTime() + limit.toNanos();
            try {
                while (failure == null && seen.cardinality() < count && System.nanoTime() < deadline) {
                    wait(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (failure != null) {
                throw new IllegalStateException("could not read offers", failure);
            }
            int missing = count - seen.cardinality();
            if (missing > 0 || repeated > 0) {
                throw new OutputCheck.Failed("of " + count + " activities " + missing + " are missing after " + limit
                        + ", " + repeated + " came out again");
            }
            return latencies;
        }
    }

    private final JsonFactory json = new JsonFactory();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::run, "offer-watch");
    private volatile Expected expected;

    /** Watches what comes from now on. */
    OfferLatencyReader(BenchmarkInfrastructure infrastructure, String topic) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "isolation.level",
                        "read_committed", "enable.auto.commit", false, "max.poll.records", 10_000,
                        // The default, but all depends on it: the broker answers as soon as something is there.
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
     * @param first the id of the first activity; the others follow it
     * @param warmUp how many of them are not measured, but must come too
     * @param start when the first is due, in terms of {@link System#nanoTime()}
     * @param rate per second
     */
    Expected expect(int first, int warmUp, int count, long start, int rate) {
        Expected next = new Expected(first, warmUp, count, start, rate);
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
                        current.received(activity(record.value()), now);
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

    private int activity(byte[] offer) throws IOException {
        try (JsonParser parser = json.createParser(offer)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("activity_id")) {
                    return parser.getIntValue();
                }
                parser.skipChildren();
            }
        }
        throw new IOException("no activity_id");
    }
}
