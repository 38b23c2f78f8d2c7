package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.TraceContext;

/**
 * Records of consecutive polls of one assignment, on their way from poll to commit. The records themselves are released
 * once the batch is prepared: they are large, and batches in flight would otherwise fill the memory with them.
 */
public final class Batch {

    private final Assignment assignment;
    private final int size;
    private final Map<TopicPartition, OffsetAndMetadata> nextOffsets = new HashMap<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private List<PolledRecords> polls;
    private BatchSpan span = BatchSpan.OFF;

    /** @param polls one or more polls, all of the same assignment */
    Batch(List<PolledRecords> polls) {
        this.polls = polls;
        assignment = polls.get(0).assignment();
        size = polls.stream().mapToInt(PolledRecords::size).sum();
        polls.forEach(poll -> nextOffsets.putAll(poll.nextOffsets()));
    }

    public Assignment assignment() {
        return assignment;
    }

    /** The number of records in the batch, also after their release. */
    public int size() {
        return size;
    }

    /** Visits the records while the batch is prepared; those of one partition in the order of their offsets. */
    public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        polls.forEach(poll -> poll.forEachPolled(consumer));
    }

    void releaseRecords() {
        polls = List.of();
    }

    public RecordPosition position(ConsumerRecord<?, ?> record) {
        UUID topicId = assignment.topicId(record.topic());
        return new RecordPosition(topicId, record.partition(), record.offset());
    }

    /** The offsets to commit once the batch is processed. */
    Map<TopicPartition, OffsetAndMetadata> nextOffsets() {
        return nextOffsets;
    }

    void setSpan(BatchSpan recorded) {
        span = recorded;
    }

    public BatchSpan span() {
        return span;
    }

    /**
     * Returns the span of one record, in the record's own trace.
     *
     * @param step the work done for the record: the span's name
     */
    public RecordSpan span(ConsumerRecord<?, ?> record, String step) {
        return record.headers().lastHeader(TraceContext.TRACEPARENT) == null
                ? RecordSpan.NONE
                : span.of(record.headers(), step, record.topic(), position(record));
    }

    /** Ends the batch. @return false if it had ended before */
    boolean end() {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            span.end();
        }
        return first;
    }
}
