package io.nextbestoffer.kafka.stage;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that a consumer reads from a given moment on. Each rebalance and each rewind makes a new assignment.
 * Records polled under one assignment must not be processed under the next, because they are polled again. Kafka fences
 * commits by the generation in {@link #group}.
 */
public final class Assignment {

    private final Set<TopicPartition> partitions;
    private final ConsumerGroupMetadata group;
    private final UUID token = UUID.randomUUID();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new ConcurrentHashMap<>();
    private volatile Map<String, UUID> topicIds = Map.of();
    private volatile boolean open;
    private final AtomicBoolean failed = new AtomicBoolean();

    Assignment(Set<TopicPartition> partitions, ConsumerGroupMetadata group) {
        this.partitions = Set.copyOf(partitions);
        this.group = group;
    }

    /** Returns a new assignment of the same partitions in the same generation, to read them once more. */
    Assignment renewed() {
        return new Assignment(partitions, group);
    }

    void setTopicIds(Map<String, UUID> ids) {
        topicIds = Map.copyOf(ids);
    }

    /** @param offsets the committed ones; null for a partition without one */
    void open(Map<TopicPartition, @Nullable OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(partition, offset);
            }
        });
        open = true;
    }

    boolean isOpen() {
        return open;
    }

    /** Stops all work under this assignment, which is going to be rewound. @return false if it had failed before */
    boolean markFailed() {
        return failed.compareAndSet(false, true);
    }

    boolean hasFailed() {
        return failed.get();
    }

    void addCommitted(Map<TopicPartition, OffsetAndMetadata> offsets) {
        committed.putAll(offsets);
    }

    /** The offsets that the group has committed, with their metadata; none for a partition that was never committed. */
    public Map<TopicPartition, OffsetAndMetadata> committed() {
        return committed;
    }

    public Set<TopicPartition> partitions() {
        return partitions;
    }

    public int generation() {
        return group.generationId();
    }

    /**
     * Fencing token. Unlike the generation, it changes with each rewind, so that late writes from before a rewind are
     * fenced.
     */
    public UUID token() {
        return token;
    }

    ConsumerGroupMetadata group() {
        return group;
    }

    public UUID topicId(String topic) {
        UUID id = topicIds.get(topic);
        if (id == null) {
            throw new IllegalStateException("the id of topic " + topic + " is not known");
        }
        return id;
    }
}
