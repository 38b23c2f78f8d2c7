package io.nextbestoffer.kafka.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/**
 * Gathers polls for the next batch while earlier batches are in flight. So batches are small under low load and large
 * under high load. A full buffer holds back the next poll, which is the stage's back-pressure.
 */
final class PollBuffer {

    private final int maxRecords;
    private final long maxBytes;
    private final Queue<PolledRecords> polls = new ArrayDeque<>();
    private int records;
    private long bytes;
    private @Nullable UniEmitter<? super Void> sender;

    /**
     * @param maxRecords the maximum number of records in a batch
     * @param maxBytes the maximum size of a batch; a batch exceeds one of these limits only if it is a single, larger
     *     poll
     */
    PollBuffer(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /** @return a Uni that completes when there is room for the next poll; one sender at a time */
    Uni<Void> add(PolledRecords poll) {
        synchronized (this) {
            polls.add(poll);
            records += poll.size();
            bytes += poll.bytes();
        }
        return Uni.createFrom().emitter(emitter -> {
            synchronized (this) {
                if (isFull()) {
                    sender = emitter;
                    return;
                }
            }
            emitter.complete(null);
        });
    }

    /** Whether there is enough for a batch of the largest size. */
    synchronized boolean isFull() {
        return records >= maxRecords || bytes >= maxBytes;
    }

    /** The most records that the next batch can have. */
    synchronized int nextSize() {
        return Math.min(records, maxRecords);
    }

    /**
     * Takes the next batch, and drops the polls of other assignments, whose records are polled again.
     *
     * @return null if there are no polls of this assignment
     */
    @Nullable
    Batch take(@Nullable Assignment current) {
        var taken = new ArrayList<PolledRecords>();
        int takenRecords = 0;
        long takenBytes = 0;
        UniEmitter<? super Void> waiting = null;
        synchronized (this) {
            for (PolledRecords poll; (poll = polls.peek()) != null;) {
                if (poll.assignment() == current) {
                    if (!taken.isEmpty() && exceedsLimits(takenRecords + poll.size(), takenBytes + poll.bytes())) {
                        break;
                    }
                    taken.add(poll);
                    takenRecords += poll.size();
                    takenBytes += poll.bytes();
                }
                polls.remove();
                records -= poll.size();
                bytes -= poll.bytes();
            }
            if (!isFull()) {
                waiting = sender;
                sender = null;
            }
        }
        if (waiting != null) {
            waiting.complete(null);
        }
        return taken.isEmpty() ? null : new Batch(taken);
    }

    private boolean exceedsLimits(int batchRecords, long batchBytes) {
        return batchRecords > maxRecords || batchBytes > maxBytes;
    }
}
