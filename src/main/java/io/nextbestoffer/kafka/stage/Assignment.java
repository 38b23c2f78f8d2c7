package io.nextbestoffer.kafka.stage;

import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The partitions a consumer reads from a given moment on: a new one for each rebalance and for each rewind. What was
 * polled under one assignment must not be processed under the next, because it will be polled again.
 * Kafka fences commits by the generation in {@link #group}.
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

    /** The same partitions in the same generation, to be read once more. */
    Assignment again() {
        return new Assignment(partitions, group);
    }

    void open(Map<String, UUID> ids) {
        topicIds = Map.copyOf(ids);
    }

    void opened(Map<TopicPartition, OffsetAndMetadata> offsets) {
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

    /** Nothing more is done under this assignment: it will be rewound. @return whether it had not failed before */
    boolean fail() {
        return failed.compareAndSet(false, true);
    }

    boolean hasFailed() {
        return failed.get();
    }

    void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        committed.putAll(offsets);
    }

    /** The offsets the group has committed, with their metadata; nothing for a partition never committed. */
    public Map<TopicPartition, OffsetAndMetadata> committed() {
        return committed;
    }

    public Set<TopicPartition> partitions() {
        return partitions;
    }

    public int generation() {
        return group.generationId();
    }

    /** Tells this assignment from all others, of the same generation too: writes begun under an earlier one are late. */
    public UUID token() {
        return token;
    }

    ConsumerGroupMetadata group() {
        return group;
    }

    public UUID topicId(String topic) {
        UUID id = topicIds.get(topic);
        if (id == null) {
            throw new IllegalStateException("no id is known of topic " + topic);
        }
        return id;
    }
}
