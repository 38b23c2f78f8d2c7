package io.nextbestoffer.kafka.topic;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.stage.Assignments;
import io.smallrye.mutiny.Uni;

/**
 * Follows all partitions of a topic, without a consumer group, so that every replica sees all of its committed records.
 * It starts at the end of the topic, or at the committed offsets of a group. It has a thread of its own, and continues
 * after any failure.
 */
public final class TopicTail implements AutoCloseable {

    /** Called on the tail's thread. */
    public interface Listener {

        void record(RecordPosition position, ConsumerRecord<byte[], byte[]> record);

        /** Called when records may have been missed, because the tail had to start again. */
        default void gap() {
        }
    }

    private static final Logger LOG = Logger.getLogger(TopicTail.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    private static final long PARTITION_CHECK_NS = Duration.ofSeconds(10).toNanos();

    private final Map<String, Object> configuration;
    private final Admin admin;
    private final String topic;
    private final @Nullable String group;
    private final Listener listener;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> following;
    private volatile boolean restart;
    private boolean first = true;

    public TopicTail(Map<String, Object> kafka, Admin admin, String topic, @Nullable String group, String clientId,
            Listener listener) {
        configuration = new HashMap<>(kafka);
        configuration.remove(ConsumerConfig.GROUP_ID_CONFIG);
        configuration.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        configuration.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configuration.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configuration.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        configuration.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        this.admin = admin;
        this.topic = topic;
        this.group = group;
        this.listener = listener;
        Thread thread = new Thread(this::run, clientId);
        thread.setDaemon(true);
        thread.start();
    }

    /** Completes when the tail will see every record written from then on. */
    public Uni<Void> ready() {
        return Uni.createFrom().completionStage(() -> ready.copy());
    }

    /** Starts again from the group's current offsets, for a listener that could not use the records. */
    public void restart() {
        restart = true;
    }

    private void run() {
        while (!closed) {
            try (var consumer = new KafkaConsumer<>(configuration, new ByteArrayDeserializer(),
                    new ByteArrayDeserializer())) {
                following = consumer;
                follow(consumer);
            } catch (WakeupException | InterruptedException e) {
                return;
            } catch (Exception | Error e) {
                LOG.warnf("tail of %s: %s; starting again", topic, e.getClass().getName());
                LOG.debug(topic, e);
                pause();
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException, ExecutionException {
        restart = false;
        var known = new HashSet<TopicPartition>();
        UUID topicId = findPartitions(consumer, known, null, true);
        if (!first) {
            listener.gap();
        }
        first = false;
        ready.complete(null);
        long checked = System.nanoTime();
        while (!closed && !restart) {
            var records = consumer.assignment().isEmpty() ? null : consumer.poll(POLL_TIMEOUT);
            if (records == null) {
                Thread.sleep(POLL_TIMEOUT.toMillis());
            } else {
                for (var record : records) {
                    listener.record(new RecordPosition(topicId, record.partition(), record.offset()), record);
                }
            }
            if (System.nanoTime() - checked > (topicId == null ? 0 : PARTITION_CHECK_NS)) {
                try {
                    topicId = findPartitions(consumer, known, topicId, false);
                } catch (ExecutionException e) {
                    // Kafka is unavailable. The consumer keeps its positions, which a restart would lose
                    LOG.debug(topic, e);
                }
                checked = System.nanoTime();
            }
        }
    }

    /**
     * Assigns partitions that are new.
     *
     * @param atStart true for the first partitions; later ones are read from their beginning
     * @return the id of the topic, or null while it does not exist
     */
    private @Nullable UUID findPartitions(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> known,
            @Nullable UUID topicId, boolean atStart) throws InterruptedException, ExecutionException {
        TopicDescription description = describe();
        if (description == null) {
            return topicId;
        }
        UUID id = RecordPosition.topicId(description.topicId());
        if (topicId != null && !topicId.equals(id)) {
            throw new IllegalStateException("the topic was deleted and created again");
        }
        var fresh = new HashSet<TopicPartition>();
        description.partitions().forEach(info -> fresh.add(new TopicPartition(topic, info.partition())));
        fresh.removeAll(known);
        if (!fresh.isEmpty()) {
            known.addAll(fresh);
            consumer.assign(known);
            if (!atStart) {
                consumer.seekToBeginning(fresh);
            } else if (group == null) {
                consumer.seekToEnd(fresh);
            } else {
                Assignments.seek(consumer, fresh,
                        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get());
            }
            fresh.forEach(consumer::position);
        }
        return id;
    }

    private @Nullable TopicDescription describe() throws InterruptedException, ExecutionException {
        try {
            return admin.describeTopics(Set.of(topic)).allTopicNames().get().get(topic);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw e;
        }
    }

    private void pause() {
        try {
            Thread.sleep(1_000);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        KafkaConsumer<byte[], byte[]> consumer = following;
        if (consumer != null) {
            consumer.wakeup();
        }
    }
}
