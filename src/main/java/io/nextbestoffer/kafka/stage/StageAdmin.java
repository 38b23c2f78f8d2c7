package io.nextbestoffer.kafka.stage;

import static io.nextbestoffer.kafka.topic.KafkaFutures.uni;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;

/**
 * Reads offsets and topic ids with the admin client. A stage does not ask its consumer for them: the consumer would
 * answer only after its poll, and a rebalance would have to wait.
 */
final class StageAdmin {

    /** Transactions time out after 10 s, and the broker looks for timed-out transactions every 10 s. */
    private static final Duration UNSTABLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final Admin admin;

    StageAdmin(Admin admin) {
        this.admin = admin;
    }

    /**
     * Returns the committed offsets, null for partitions without one.
     *
     * @return a Uni that fails with an {@link UnstableOffsetCommitException} if an open transaction holds one of the
     *     offsets
     */
    Uni<Map<TopicPartition, @Nullable OffsetAndMetadata>> committedOffsets(String group,
            Collection<TopicPartition> partitions) {
        var spec = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions);
        return uni(() -> admin.listConsumerGroupOffsets(Map.of(group, spec),
                new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata())
                .invoke(offsets -> {
                    // The client leaves out a partition whose offset is in an open transaction
                    if (!offsets.keySet().containsAll(partitions)) {
                        throw new UnstableOffsetCommitException("an open transaction holds offsets of " + group);
                    }
                });
    }

    /** As {@link #committedOffsets}, but waits for open transactions, such as those of a killed owner. */
    Uni<Map<TopicPartition, @Nullable OffsetAndMetadata>> stableOffsets(String group,
            Collection<TopicPartition> partitions) {
        return committedOffsets(group, partitions).onFailure(UnstableOffsetCommitException.class).retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY).expireIn(UNSTABLE_TIMEOUT.toMillis());
    }

    /** Returns the offsets of the first records that still exist. */
    Uni<Map<TopicPartition, OffsetAndMetadata>> beginningOffsets(Collection<TopicPartition> partitions) {
        return uni(() -> admin.listOffsets(partitions.stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.earliest()))).all())
                .map(found -> {
                    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
                    found.forEach((partition, first) -> offsets.put(partition,
                            new OffsetAndMetadata(first.offset())));
                    return offsets;
                });
    }

    Uni<Map<String, UUID>> topicIds(Set<String> topics) {
        return uni(() -> admin.describeTopics(topics).allTopicNames())
                .map(all -> all.values().stream().collect(Collectors.toMap(TopicDescription::name,
                        topic -> RecordPosition.topicId(topic.topicId()))));
    }
}
