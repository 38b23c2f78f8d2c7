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
 * Follows a whole topic from its end, or from where a group is, committed records only and outside every group: what
 * all replicas need to see.
 * Has a thread of its own; goes on by itself after any failure.
 */
public final class TopicTail implements AutoCloseable {

    /** Called on the tail's thread. */
    public interface Listener {

        void record(RecordPosition position, ConsumerRecord<byte[], byte[]> record);

        /** Records may have been missed. */
        default void gap() {
        }
    }

    private static final Logger LOG = Logger.getLogger(TopicTail.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long LOOK_FOR_PARTITIONS_NS = Duration.ofSeconds(10).toNanos();

    private final Map<String, Object> configuration;
    private final Admin admin;
    private final String topic;
    private final @Nullable String group;
    private final Listener listener;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> following;
    private volatile boolean again;
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

    /** Every record written after this will be seen. */
    public Uni<Void> ready() {
        return Uni.createFrom().completionStage(() -> ready.copy());
    }

    /** Lets it begin anew, from where the group is by now; for a listener who could not use what he was given. */
    public void again() {
        again = true;
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
                LOG.warnf("tail of %s: %s; following it anew", topic, e.getClass().getName());
                LOG.debug(topic, e);
                pause();
            }
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException, ExecutionException {
        again = false;
        var known = new HashSet<TopicPartition>();
        UUID topicId = look(consumer, known, null, true);
        if (!first) {
            listener.gap();
        }
        first = false;
        ready.complete(null);
        long looked = System.nanoTime();
        while (!closed && !again) {
            var records = consumer.assignment().isEmpty() ? null : consumer.poll(POLL);
            if (records == null) {
                Thread.sleep(POLL.toMillis());
            } else {
                for (var record : records) {
                    listener.record(new RecordPosition(topicId, record.partition(), record.offset()), record);
                }
            }
            if (System.nanoTime() - looked > (topicId == null ? 0 : LOOK_FOR_PARTITIONS_NS)) {
                try {
                    topicId = look(consumer, known, topicId, false);
                } catch (ExecutionException e) {
                    // Kafka is away: the consumer keeps its positions, and starting anew would lose them
                    LOG.debug(topic, e);
                }
                looked = System.nanoTime();
            }
        }
    }

    /** @param atEnd true at the first look; partitions that come up later are read from their beginning */
    private @Nullable UUID look(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> known,
            @Nullable UUID topicId, boolean atEnd) throws InterruptedException, ExecutionException {
        TopicDescription description = describe();
        if (description == null) {
            return topicId;
        }
        UUID id = RecordPosition.topicId(description.topicId());
        if (topicId != null && !topicId.equals(id)) {
            throw new IllegalStateException("topic was created again");
        }
        var fresh = new HashSet<TopicPartition>();
        description.partitions().forEach(info -> fresh.add(new TopicPartition(topic, info.partition())));
        fresh.removeAll(known);
        if (!fresh.isEmpty()) {
            known.addAll(fresh);
            consumer.assign(known);
            if (!atEnd) {
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
