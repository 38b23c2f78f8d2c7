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
 * Follows which partitions the consumer of a channel reads. Written only by the consumer's polling thread, which is
 * why a batch's {@link Stamp} is exact: neither a rebalance nor a rewind can come between the poll and the stamp.
 */
public final class Assignments implements KafkaConsumerRebalanceListener {

    /** How the stamp finds its assignments in the consumer's configuration. */
    static final String CONFIG_KEY = "nbo.assignments";

    /** Long enough for a batch in flight to commit; if it doesn't, Kafka fences it and it is processed again. */
    private static final Duration HANDOVER = Duration.ofSeconds(3);

    /** One batch in each of its phases: prepared, stored, committed. */
    private static final int BATCHES_IN_FLIGHT = 3;

    private final InFlightGate flow = new InFlightGate(BATCHES_IN_FLIGHT);
    private volatile @Nullable Assignment current;
    private volatile boolean joined;
    private volatile Runnable whenAssigned = () -> {
    };

    /** The stage's work, which a rebalance waits for. */
    InFlightGate flow() {
        return flow;
    }

    @Nullable
    Assignment current() {
        return current;
    }

    /** @param action runs after each assignment, on the polling thread, so it must not wait; now if there was one */
    void whenAssigned(Runnable action) {
        whenAssigned = action;
        if (joined) {
            action.run();
        }
    }

    /** Whether the consumer was ever a member of its group. */
    boolean joined() {
        return joined;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        if (partitions.size() != consumer.assignment().size()) {
            // A cooperative assignor kept some partitions; what was polled of them carries the old assignment
            seekToCommitted(consumer);
        }
        current = new Assignment(consumer.assignment(), consumer.groupMetadata());
        joined = true;
        whenAssigned.run();
    }

    @Override
    public void onPartitionsRevoked(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        flow.hold(HANDOVER);
        current = null;
        flow.release();
    }

    /** Reads on from the committed offsets. On the polling thread only. */
    static void rewind(Consumer<?, ?> consumer, Assignments assignments) {
        seekToCommitted(consumer);
        Assignment old = assignments.current;
        if (old != null) {
            assignments.current = old.again();
        }
    }

    private static void seekToCommitted(Consumer<?, ?> consumer) {
        Set<TopicPartition> partitions = consumer.assignment();
        seek(consumer, partitions, consumer.committed(partitions));
    }

    /** To what is committed; where nothing is, to the beginning. */
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

    /** Marks each poll with the assignment it belongs to. Created by the Kafka client, by name. */
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
            // Offsets are committed by the stage's producer
        }

        @Override
        public void close() {
            // Nothing is held
        }
    }
}
