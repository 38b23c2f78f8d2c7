package io.nextbestoffer.kafka.stage;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;

/** Makes assignments ready for batches: new ones after a rebalance, and the current one again after a rewind. */
final class AssignmentOpener {

    private final Assignments assignments;
    private final Supplier<KafkaConsumer<byte[], byte[]>> consumer;
    private final StageAdmin admin;
    private final StageTransactions transactions;
    private final StageHandler handler;

    /** @param consumer supplies the consumer of the stage's channel, once the channel is subscribed to */
    AssignmentOpener(Assignments assignments, Supplier<KafkaConsumer<byte[], byte[]>> consumer, StageAdmin admin,
            StageTransactions transactions, StageHandler handler) {
        this.assignments = assignments;
        this.consumer = consumer;
        this.admin = admin;
        this.transactions = transactions;
        this.handler = handler;
    }

    /** Claims the partitions, then reads their committed offsets and lets the handler resume from them. */
    Uni<Void> open(Assignment assignment) {
        if (assignment.isOpen()) {
            return Uni.createFrom().voidItem();
        }
        Set<String> topics = assignment.partitions().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        return admin.topicIds(topics).invoke(assignment::setTopicIds)
                .chain(() -> handler.claim(assignment, proof(assignment)))
                .chain(() -> committedOffsets(assignment))
                .invoke(assignment::open)
                .chain(() -> handler.resume(assignment));
    }

    /** Creates new producers, moves the consumer back to the committed offsets, and opens its assignment again. */
    Uni<Void> rewind() {
        return transactions.reopen()
                .chain(() -> consumer.get().runOnPollingThread(kafka -> {
                    assignments.rewind(kafka);
                }))
                .chain(() -> {
                    Assignment current = assignments.current();
                    return current == null ? Uni.createFrom().voidItem() : open(current);
                });
    }

    private Uni<Map<TopicPartition, @Nullable OffsetAndMetadata>> committedOffsets(Assignment assignment) {
        // Opening the producers ends what earlier ones left open, so the offsets read next are final
        return transactions.open()
                .chain(() -> admin.stableOffsets(assignment.group().groupId(), assignment.partitions()));
    }

    /**
     * Commits the committed offsets once more or, for a partition without one, its beginning. Kafka accepts this only
     * in the current generation.
     */
    private Uni<Void> proof(Assignment assignment) {
        return committedOffsets(assignment)
                .chain(committed -> admin.beginningOffsets(assignment.partitions()).invoke(offsets -> committed
                        .forEach((partition, offset) -> {
                            if (offset != null) {
                                offsets.put(partition, offset);
                            }
                        })))
                .chain(offsets -> transactions.run(() -> transactions.commitOffsets(assignment, offsets)));
    }
}
