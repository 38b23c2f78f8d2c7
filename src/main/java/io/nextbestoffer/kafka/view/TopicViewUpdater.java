package io.nextbestoffer.kafka.view;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.micrometer.core.instrument.Timer;

/**
 * Keeps a {@link TopicView} up to date, as a member of a consumer group, on a thread of its own. It gathers records for
 * a moment, stores what the view makes of them, and commits their offsets afterwards. So the view gets every record at
 * least once. Nothing waits for it. It continues after any failure; while the view can't be stored it polls no further
 * records, but remains in its group.
 */
public final class TopicViewUpdater implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(TopicViewUpdater.class);

    /** How long records are gathered. Bounds the number of statements per second. */
    private static final Duration WINDOW = Duration.ofMillis(20);
    /** The same while there is a backlog: fewer and larger statements leave the CPU and Postgres to deciding. */
    private static final Duration WINDOW_OF_BACKLOG = Duration.ofMillis(500);
    /** A view that is this far behind gathers for longer, too. */
    private static final Duration BEHIND = Duration.ofMillis(400);
    private static final Duration IDLE_POLL = Duration.ofMillis(500);
    /** How long a write is waited for before it counts as late. */
    private static final long STORE_TIMEOUT_MS = 10_000;
    /**
     * When a write that neither succeeds nor fails is given up. Until then no other begins: each would hold a
     * connection to Postgres, and deciding needs these, too.
     */
    private static final long ABANDON_NS = TimeUnit.MINUTES.toNanos(2);
    /** A commit per stored batch would cost the broker as much as the view itself. */
    private static final long COMMIT_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);
    private static final long FIRST_RETRY_MS = 100;
    private static final long LAST_RETRY_MS = 5_000;
    private static final long CLOSE_TIMEOUT_MS = 2_000;
    private static final long NONE = Long.MAX_VALUE;

    private final Map<String, Object> configuration;
    private final String topic;
    private final TopicView view;
    private final BooleanSupplier isBusy;
    private final Timer lag;
    private final Thread thread;
    /** Offsets of the records that are stored, to be committed. */
    private final Map<TopicPartition, OffsetAndMetadata> stored = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> gathered = new HashMap<>();
    /** Time of the oldest record that is not stored yet, in milliseconds of the Unix epoch. */
    private long oldest = NONE;
    /** Time of the newest record that was polled, in milliseconds of the Unix epoch. */
    private long newest;
    private long lastCommit = System.nanoTime();
    /** The write that has begun and not ended. */
    private @Nullable CompletableFuture<@Nullable Void> writing;
    private long writingSince;
    /** Whether no records may be polled now. */
    private boolean holding;
    private volatile boolean closed;

    /**
     * @param kafka configuration of the application's Kafka clients
     * @param isBusy whether there is urgent work that needs the CPU and Postgres
     * @param lag records, at each attempt to store, the age of the oldest record that is gathered
     */
    public TopicViewUpdater(Map<String, Object> kafka, String topic, String group, String clientId, TopicView view,
            BooleanSupplier isBusy, Timer lag) {
        configuration = new HashMap<>(kafka);
        configuration.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        configuration.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName());
        // Records have up to 256 KiB
        configuration.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10);
        configuration.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        this.topic = topic;
        this.view = view;
        this.isBusy = isBusy;
        this.lag = lag;
        thread = new Thread(this::run, clientId);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (var consumer = new KafkaConsumer<>(configuration, new ByteArrayDeserializer(),
                    new ByteArrayDeserializer())) {
                // What was gathered before a failure is stored with the next records, or once more
                stored.clear();
                gathered.clear();
                holding = false;
                if (writing != null) {
                    // Its success would count for records that are gathered from now on
                    writing.cancel(true);
                    writing = null;
                }
                consumer.subscribe(List.of(topic), new Rebalance(consumer));
                while (!closed) {
                    gather(consumer);
                    store(consumer);
                    commit(consumer);
                }
                commitNow(consumer);
            } catch (RuntimeException | Error e) {
                LOG.warnf("view of %s: %s; starting again", topic, e.getClass().getName());
                LOG.debug(topic, e);
                pause();
            }
        }
    }

    /** Adds records for the time of a window, which begins with the first one. */
    private void gather(KafkaConsumer<byte[], byte[]> consumer) {
        poll(consumer, IDLE_POLL);
        long begin = System.nanoTime();
        for (long left; !closed && !gathered.isEmpty() && !view.isFull()
                && (left = begin + window().toNanos() - System.nanoTime()) > 0;) {
            poll(consumer, Duration.ofNanos(left));
        }
    }

    private Duration window() {
        boolean behind = System.currentTimeMillis() - newest > BEHIND.toMillis();
        return behind || isBusy.getAsBoolean() ? WINDOW_OF_BACKLOG : WINDOW;
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
        var records = consumer.poll(timeout);
        for (var record : records) {
            view.add(record);
            oldest = Math.min(oldest, record.timestamp());
            newest = record.timestamp();
        }
        gathered.putAll(records.nextOffsets());
    }

    /** Stores what is gathered, and tries again until that succeeds. */
    private void store(KafkaConsumer<byte[], byte[]> consumer) {
        if (gathered.isEmpty()) {
            return;
        }
        for (long pause = FIRST_RETRY_MS; !tryToStore(); pause = Math.min(pause * 2, LAST_RETRY_MS)) {
            hold(consumer, pause);
            if (closed) {
                return;
            }
        }
        stored.putAll(gathered);
        gathered.clear();
        oldest = NONE;
    }

    /** Waits without polling records, but remains in the group. */
    private void hold(KafkaConsumer<byte[], byte[]> consumer, long millis) {
        holding = true;
        consumer.pause(consumer.assignment());
        for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis); !closed
                && System.nanoTime() < end;) {
            consumer.poll(Duration.ofMillis(50));
        }
        consumer.resume(consumer.paused());
        holding = false;
    }

    private boolean tryToStore() {
        CompletableFuture<@Nullable Void> current = writing;
        try {
            if (current == null) {
                current = view.store().subscribeAsCompletionStage();
                writing = current;
                writingSince = System.nanoTime();
            }
            current.get(STORE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            writing = null;
            return true;
        } catch (TimeoutException e) {
            LOG.warnf("view of %s: not stored after %d s; waiting", topic,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - writingSince));
            if (System.nanoTime() - writingSince > ABANDON_NS) {
                current.cancel(true);
                writing = null;
            }
        } catch (InterruptedException e) {
            closed = true;
        } catch (ExecutionException | RuntimeException e) {
            writing = null;
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            // The message could contain personal data
            LOG.warnf("view of %s: not stored: %s; trying again", topic, cause.getClass().getName());
            LOG.debug(topic, cause);
        } finally {
            if (oldest != NONE) {
                lag.record(Math.max(0, System.currentTimeMillis() - oldest), TimeUnit.MILLISECONDS);
            }
        }
        return false;
    }

    private void commit(KafkaConsumer<byte[], byte[]> consumer) {
        if (!stored.isEmpty() && System.nanoTime() - lastCommit >= COMMIT_INTERVAL_NS) {
            consumer.commitAsync(ofThisConsumer(consumer), (offsets, failure) -> {
                if (failure != null) {
                    LOG.debugf("view of %s: offsets not committed: %s", topic, failure.getClass().getName());
                }
            });
            stored.clear();
            lastCommit = System.nanoTime();
        }
    }

    private void commitNow(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.commitSync(ofThisConsumer(consumer), COMMIT_TIMEOUT);
        } catch (KafkaException e) {
            // The records are read again, which changes nothing
            LOG.debugf("view of %s: offsets not committed: %s", topic, e.getClass().getName());
        }
        stored.clear();
    }

    private Map<TopicPartition, OffsetAndMetadata> ofThisConsumer(KafkaConsumer<byte[], byte[]> consumer) {
        var offsets = new HashMap<>(stored);
        offsets.keySet().retainAll(consumer.assignment());
        return offsets;
    }

    private void pause() {
        try {
            Thread.sleep(closed ? 0 : 1_000);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Commits before partitions go to another replica, which would otherwise store the last second again. */
    private final class Rebalance implements ConsumerRebalanceListener {

        private final KafkaConsumer<byte[], byte[]> consumer;

        Rebalance(KafkaConsumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commitNow(consumer);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (holding) {
                consumer.pause(partitions);
            }
        }
    }

    /** Stores what is gathered, commits, and leaves the group; blocks until this is done, for at most 2 s. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
