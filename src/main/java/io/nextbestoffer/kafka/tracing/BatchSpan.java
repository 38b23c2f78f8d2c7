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
 * The span of a batch, with a child span per step. A batch belongs to many records, so it has a trace of its own,
 * linked with the traces of its sampled records. The work for one sampled record is a span in the trace of that record.
 */
public final class BatchSpan {

    /** Records nothing, but still continues the traces of records. */
    public static final BatchSpan OFF = new BatchSpan(null, Span.getInvalid());

    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
    private static final AttributeKey<String> DECISION = AttributeKey.stringKey("nbo.decision.id");

    private final @Nullable Tracer tracer;
    private final Span span;
    /** The spans of sampled records. They end when the batch is committed, or never. */
    private final List<RecordSpan> records = new ArrayList<>();

    /** @param tracer null to record nothing */
    BatchSpan(@Nullable Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /**
     * Begins the span of a record of this batch, in the trace of the record.
     *
     * @param step the work done for the record: the name of the span
     */
    public RecordSpan of(Headers headers, String step, String topic, RecordPosition position) {
        Header parent = TraceContext.parent(headers);
        if (parent == null) {
            return RecordSpan.NONE;
        }
        List<Header> forwarded = TraceContext.forwarded(parent, headers);
        if (tracer == null || !TraceContext.isSampled(parent)) {
            return new RecordSpan(forwarded, null);
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
        var ownHeaders = new ArrayList<Header>(forwarded);
        ownHeaders.set(0, TraceContext.write(own.getSpanContext()));
        var recorded = new RecordSpan(ownHeaders, own);
        records.add(recorded);
        return recorded;
    }

    /** Records a step of the batch; the step ends now. @param start the start of the step by {@link System#nanoTime} */
    void step(String name, long start) {
        if (tracer != null && span.isRecording()) {
            var end = Instant.now();
            tracer.spanBuilder(name).setParent(Context.root().with(span))
                    .setStartTimestamp(end.minusNanos(System.nanoTime() - start)).startSpan().end(end);
        }
    }

    /** Runs a step whose log messages carry the id of this trace. */
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

    /** Ends the spans of the records, whose results are visible now. */
    public void committed() {
        if (tracer != null) {
            records.forEach(RecordSpan::end);
            records.clear();
        }
    }

    /** Records only the class of the failure, because messages can quote values. */
    public void failed(Throwable failure) {
        span.setStatus(StatusCode.ERROR, failure.getClass().getName());
    }

    /** Ends the span. Spans of uncommitted records are dropped, because the records are processed again. */
    public void end() {
        span.end();
    }
}
