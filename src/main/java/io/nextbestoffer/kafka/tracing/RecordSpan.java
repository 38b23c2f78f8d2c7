package io.nextbestoffer.kafka.tracing;

import java.util.List;

import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;

/** The part that this service has in the trace of a record: mostly, only to carry it on. */
public final class RecordSpan {

    /** Of a record without a trace. */
    public static final RecordSpan NONE = new RecordSpan(List.of(), null);

    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("nbo.outcome");

    private final List<Header> headers;
    private final @Nullable Span span;

    /** @param headers for what comes of the record; @param span null if it is not sampled */
    RecordSpan(List<Header> headers, @Nullable Span span) {
        this.headers = headers;
        this.span = span;
    }

    /** The headers by which the trace goes on in what comes of the record. */
    public List<Header> headers() {
        return headers;
    }

    /** @param outcome a stable code: what became of the record */
    public void outcome(String outcome) {
        if (span != null) {
            span.setAttribute(OUTCOME, outcome);
        }
    }

    /** What is measured until it is closed is measured of this trace: an exemplar. */
    public Scope current() {
        return span == null ? Scope.noop() : span.makeCurrent();
    }

    void end() {
        if (span != null) {
            span.end();
        }
    }
}
