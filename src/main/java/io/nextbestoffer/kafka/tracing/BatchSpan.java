package io.nextbestoffer.kafka.tracing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/**
 * The trace of a batch, with its steps; it is linked with those of the sampled records in it. A batch belongs to no
 * record, so it is a trace of its own; what it does for a sampled record is a span in the record's trace.
 */
public final class BatchSpan {

    /** Nothing is recorded; traces of records are carried on. */
    public static final BatchSpan OFF = new BatchSpan(null, Span.getInvalid());

    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
    private static final AttributeKey<String> DECISION = AttributeKey.stringKey("nbo.decision.id");

    private final @Nullable Tracer tracer;
    private final Span span;
    /** Of those who are part of a sampled trace; they end when the batch is committed, or never. */
    private final List<RecordSpan> records = new ArrayList<>();

    /** @param tracer null if nothing is recorded */
    BatchSpan(@Nullable Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /**
     * The part in the trace of a record of this batch.
     *
     * @param step what is done with it: the name of the span
     */
    public RecordSpan of(Headers headers, String step, String topic, RecordPosition position) {
        Header parent = TraceContext.parent(headers);
        if (parent == null) {
            return RecordSpan.NONE;
        }
        List<Header> carriedOn = TraceContext.carriedOn(parent, headers);
        if (tracer == null || !TraceContext.isSampled(parent)) {
            return new RecordSpan(carriedOn, null);
        }
        Span own = tracer.spanBuilder(step)
                .setParent(Context.root().with(Span.wrap(TraceContext.read(parent))))
                .setSpanKind(SpanKind.CONSUMER)
                .addLink(span.getSpanContext())
                .setAttribute(TOPIC, topic)
                .setAttribute(PARTITION, Integer.toString(position.partition()))
                .setAttribute(OFFSET, position.offset())
                .setAttribute(DECISION, position.decisionId().toString())
                .startSpan();
        var headersOn = new ArrayList<Header>(carriedOn);
        headersOn.set(0, TraceContext.write(own.getSpanContext()));
        var recorded = new RecordSpan(headersOn, own);
        records.add(recorded);
        return recorded;
    }

    /** A step of the batch that ends now. @param since by {@link System#nanoTime} */
    void step(String name, long since) {
        if (tracer != null && span.isRecording()) {
            var end = Instant.now();
            tracer.spanBuilder(name).setParent(Context.root().with(span))
                    .setStartTimestamp(end.minusNanos(System.nanoTime() - since)).startSpan().end(end);
        }
    }

    /** What the step logs has the trace's id. */
    public void logged(Runnable step) {
        SpanContext context = span.getSpanContext();
        if (!context.isValid()) {
            step.run();
            return;
        }
        MDC.put("traceId", context.getTraceId());
        MDC.put("spanId", context.getSpanId());
        try {
            step.run();
        } finally {
            MDC.remove("traceId");
            MDC.remove("spanId");
        }
    }

    /** What came of the records is there to be read. */
    public void committed() {
        if (tracer != null) {
            records.forEach(RecordSpan::end);
            records.clear();
        }
    }

    /** Only its kind: messages can quote values. */
    public void failed(Throwable failure) {
        span.setStatus(StatusCode.ERROR, failure.getClass().getName());
    }

    /** Spans of records that are not committed are not recorded: they will come again. */
    public void end() {
        span.end();
    }
}
