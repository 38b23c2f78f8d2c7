package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.StageTimer;
import io.smallrye.mutiny.Uni;

/** The Kafka transactions of a stage: one after another, on a thread of their own, because they block. */
final class StageTransactions implements AutoCloseable {

    private final ProducerRotation producers;
    private final StageTimer timer;
    private final ExecutorService thread;

    StageTransactions(String channel, ProducerRotation producers, StageTimer timer) {
        this.producers = producers;
        this.timer = timer;
        thread = Executors.newSingleThreadExecutor(task -> new Thread(task, channel));
    }

    /** Fences earlier producers with the same transactional ids, and ends the transactions they left open. */
    Uni<Void> open() {
        return run(producers::open);
    }

    /** Replaces producers whose last transaction has an unknown outcome. */
    Uni<Void> reopen() {
        return run(() -> {
            producers.reset();
            producers.open();
        });
    }

    Uni<Void> run(Runnable task) {
        return Uni.createFrom().voidItem().invoke(task).runSubscriptionOn(thread);
    }

    Executor thread() {
        return thread;
    }

    /**
     * Commits output and offsets; to be called on {@link #thread} only.
     *
     * @param next the offsets; a partition without new metadata keeps its current metadata
     */
    void commit(BatchSpan span, Assignment assignment, TransactionOutput output,
            Map<TopicPartition, OffsetAndMetadata> next) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        next.forEach((partition, offset) -> {
            OffsetAndMetadata before = assignment.committed().get(partition);
            String metadata = output.metadata().getOrDefault(partition, before == null ? "" : before.metadata());
            offsets.put(partition, new OffsetAndMetadata(offset.offset(), offset.leaderEpoch(), metadata));
        });
        timer.time(span, "commit", () -> producers.commit(output.records(), offsets, assignment.group()));
        assignment.addCommitted(offsets);
    }

    /** Commits offsets without output; to be called on {@link #thread} only. */
    void commitOffsets(Assignment assignment, Map<TopicPartition, OffsetAndMetadata> offsets) {
        producers.commit(List.of(), offsets, assignment.group());
    }

    /** Closes the producers after the queued tasks have run. */
    @Override
    public void close() {
        thread.execute(producers::close);
        thread.shutdown();
    }
}
