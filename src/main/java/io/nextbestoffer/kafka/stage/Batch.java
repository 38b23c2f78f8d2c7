package io.nextbestoffer.kafka.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.kafka.tracing.TraceContext;

/** Records of consecutive polls, still owned by the assignment they were polled under. */
public final class Batch {

    private final List<PolledRecords> polls;
    private final int size;
    private BatchSpan span = BatchSpan.OFF;

    /** @param polls at least one, all of one assignment */
    Batch(List<PolledRecords> polls) {
        this.polls = polls;
        size = polls.stream().mapToInt(PolledRecords::size).sum();
    }

    public Assignment assignment() {
        return polls.get(0).assignment();
    }

    void begins(BatchSpan recorded) {
        span = recorded;
    }

    public BatchSpan span() {
        return span;
    }

    public int size() {
        return size;
    }

    /** Those of one partition come in the order of their offsets. */
    public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        polls.forEach(poll -> poll.forEachPolled(consumer));
    }

    public RecordPosition position(ConsumerRecord<?, ?> record) {
        UUID topicId = assignment().topicId(record.topic());
        return new RecordPosition(topicId, record.partition(), record.offset());
    }

    /** The part in the record's trace. @param step what is done with it */
    public RecordSpan span(ConsumerRecord<?, ?> record, String step) {
        return record.headers().lastHeader(TraceContext.TRACEPARENT) == null
                ? RecordSpan.NONE
                : span.of(record.headers(), step, record.topic(), position(record));
    }

    Map<TopicPartition, OffsetAndMetadata> nextOffsets() {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        polls.forEach(poll -> offsets.putAll(poll.nextOffsets()));
        return offsets;
    }
}
