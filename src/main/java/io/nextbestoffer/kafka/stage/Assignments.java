package io.nextbestoffer.kafka.stage;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;

/**
 * Tracks which partitions the consumer of a channel reads. Only the consumer's polling thread changes it, so the
 * {@link Stamp} of a poll is exact: neither a rebalance nor a rewind can come between the poll and its stamp.
 */
public final class Assignments implements KafkaConsumerRebalanceListener {

    /** Key of these assignments in the consumer's configuration, where the stamp finds them. */
    static final String CONFIG_KEY = "nbo.assignments";

    /** Lets batches in flight commit before a rebalance. Those that don't are fenced by Kafka and processed again. */
    private static final Duration HANDOVER_TIMEOUT = Duration.ofSeconds(3);

    /** One batch in each step: prepare, store, commit. */
    private static final int BATCHES_IN_FLIGHT = 3;

    private final InFlightGate gate = new InFlightGate(BATCHES_IN_FLIGHT);
    private volatile @Nullable Assignment current;
    private volatile boolean joined;
    private volatile Runnable onAssigned = () -> {
    };

    /** Counts the work that a rebalance waits for. */
    InFlightGate gate() {
        return gate;
    }

    @Nullable
    Assignment current() {
        return current;
    }

    /**
     * Whether batches of this assignment may still be processed: it is the current one, and none of them has failed.
     */
    boolean isLive(Assignment assignment) {
        return assignment == current && !assignment.hasFailed();
    }

    /**
     * @param action runs after each assignment, on the polling thread, so it must not block; also now if the consumer
     *     has joined its group already
     */
    void onAssigned(Runnable action) {
        onAssigned = action;
        if (joined) {
            action.run();
        }
    }

    /** Whether the consumer has ever been a member of its group. */
    boolean joined() {
        return joined;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        if (partitions.size() != consumer.assignment().size()) {
            // A cooperative assignor kept some partitions, and records polled from them carry the old assignment
            seekToCommitted(consumer);
        }
        replace(new Assignment(consumer.assignment(), consumer.groupMetadata()));
        joined = true;
        onAssigned.run();
    }

    @Override
    public void onPartitionsRevoked(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        gate.hold(HANDOVER_TIMEOUT);
        replace(null);
        gate.release();
    }

    /** Moves the consumer back to the committed offsets. On the polling thread only. */
    void rewind(Consumer<?, ?> consumer) {
        seekToCommitted(consumer);
        Assignment old = current;
        if (old != null) {
            replace(old.renewed());
        }
    }

    void replace(@Nullable Assignment next) {
        current = next;
    }

    private static void seekToCommitted(Consumer<?, ?> consumer) {
        Set<TopicPartition> partitions = consumer.assignment();
        seek(consumer, partitions, consumer.committed(partitions));
    }

    /** Moves to the committed offsets, or to the beginning where there is none. */
    public static void seek(Consumer<?, ?> consumer, Set<TopicPartition> partitions,
            Map<TopicPartition, OffsetAndMetadata> committed) {
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset == null) {
                consumer.seekToBeginning(Set.of(partition));
            } else {
                consumer.seek(partition, offset);
            }
        }
    }

    /** Marks each poll with the assignment it belongs to. The Kafka client instantiates this class by its name. */
    @RegisterForReflection
    public static final class Stamp implements ConsumerInterceptor<byte[], byte[]> {

        private @Nullable Assignments assignments;

        @Override
        public void configure(Map<String, ?> configuration) {
            assignments = (Assignments) configuration.get(CONFIG_KEY);
        }

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            Assignment current = assignments == null ? null : assignments.current;
            return current == null || records.isEmpty() ? records : PolledRecords.of(records, current);
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            // The stage's producers commit offsets
        }

        @Override
        public void close() {
            // Holds nothing
        }
    }
}
