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
final class OfferWatch implements AutoCloseable {

    /** Activities that are sent at a steady pace, and their offers. */
    static final class Expected {
        private final Histogram latencies = new Histogram(3);
        private final BitSet seen = new BitSet();
        private final long first;
        private final int count;
        private final long start;
        private final double interval;
        private int duplicates;

        private Expected(long first, int count, long start, int rate) {
            this.first = first;
            this.count = count;
            this.start = start;
            this.interval = 1e9 / rate;
        }

        /** When an activity is to be sent, in terms of {@link System#nanoTime()}. */
        long due(long activity) {
            return start + (long) ((activity - first) * interval);
        }

        private synchronized void received(long activity, long nanos) {
            int index = (int) (activity - first);
            if (index < 0 || index >= count) {
                return;
            }
            if (seen.get(index)) {
                duplicates++;
                return;
            }
            seen.set(index);
            latencies.recordValue(Math.max(0, nanos - due(activity)));
            if (latencies.getTotalCount() == count) {
                notifyAll();
            }
        }

        /** @throws OutputCheck.Failed if an offer does not come, or comes twice */
        synchronized Histogram await(Duration limit) {
            long deadline = System.nanoTime() + limit.toNanos();
            try {
                while (latencies.getTotalCount() < count && System.nanoTime() < deadline) {
                    wait(100);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (latencies.getTotalCount() < count || duplicates > 0) {
                throw new OutputCheck.Failed("of " + count + " activities "
                        + (count - latencies.getTotalCount()) + " are missing, " + duplicates + " came out again");
            }
            return latencies;
        }
    }

    private final JsonFactory json = new JsonFactory();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::run, "offer-watch");
    private volatile Expected expected;

    /** Watches what comes from now on. */
    OfferWatch(Infrastructure infrastructure, String topic) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", infrastructure.kafka().bootstrapServers(), "isolation.level",
                        "read_committed", "enable.auto.commit", false, "max.poll.records", 10_000),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // seeking is lazy
        thread.setDaemon(true);
        thread.start();
    }

    Expected expect(long first, int count, long start, int rate) {
        Expected next = new Expected(first, count, start, rate);
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
        } catch (IOException e) {
            throw new IllegalStateException("an offer that can't be read", e);
        }
    }

    private long activity(byte[] offer) throws IOException {
        try (JsonParser parser = json.createParser(offer)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("activity_id")) {
                    return parser.getLongValue();
                }
                parser.skipChildren();
            }
        }
        throw new IOException("no activity_id");
    }
}
