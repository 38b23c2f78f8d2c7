package io.nextbestoffer.kafka.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/**
 * Polls that wait for their batch. While batches are on their way, what is polled meanwhile gathers to the next one:
 * so batches are small when there is little to do, and large when there is much.
 */
final class PollBuffer {

    private final int maxRecords;
    private final long maxBytes;
    private final Queue<PolledRecords> polls = new ArrayDeque<>();
    private int records;
    private long bytes;
    private @Nullable UniEmitter<? super Void> sender;

    /** @param maxRecords in a batch, and @param maxBytes: exceeded only by a single poll that is larger */
    PollBuffer(int maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /** @return completes when there is room for the next; one sender at a time */
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

    /** Whether there is enough for as large a batch as there may be. */
    synchronized boolean isFull() {
        return records >= maxRecords || bytes >= maxBytes;
    }

    /** How many records there are, at most as many as a batch has. */
    synchronized int next() {
        return Math.min(records, maxRecords);
    }

    /** @return null if nothing of this assignment is there; what is of another will be polled again */
    @Nullable
    Batch take(@Nullable Assignment current) {
        var taken = new ArrayList<PolledRecords>();
        int size = 0;
        long weight = 0;
        UniEmitter<? super Void> waiting = null;
        synchronized (this) {
            for (PolledRecords poll; (poll = polls.peek()) != null;) {
                if (poll.assignment() == current) {
                    if (!taken.isEmpty() && (size + poll.size() > maxRecords || weight + poll.bytes() > maxBytes)) {
                        break;
                    }
                    taken.add(poll);
                    size += poll.size();
                    weight += poll.bytes();
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
}
