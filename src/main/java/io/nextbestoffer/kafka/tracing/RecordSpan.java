package io.nextbestoffer.kafka.tracing;

import java.util.List;

import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;

/** This service's part in the trace of a record. For most records it only forwards the trace context. */
public final class RecordSpan {

    /** For a record without trace context. */
    public static final RecordSpan NONE = new RecordSpan(List.of(), null);

    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("nbo.outcome");

    private final List<Header> headers;
    private final @Nullable Span span;

    /**
     * @param headers the headers for the records made from this record
     * @param span null if the trace is not sampled
     */
    RecordSpan(List<Header> headers, @Nullable Span span) {
        this.headers = headers;
        this.span = span;
    }

    /** The headers that continue the trace in the records made from this record. */
    public List<Header> headers() {
        return headers;
    }

    /** @param outcome a stable code for the result of the record */
    public void outcome(String outcome) {
        if (span != null) {
            span.setAttribute(OUTCOME, outcome);
        }
    }

    /** Makes this span the exemplar of metrics recorded until the scope is closed. */
    public Scope current() {
        return span == null ? Scope.noop() : span.makeCurrent();
    }

    void end() {
        if (span != null) {
            span.end();
        }
    }
}
