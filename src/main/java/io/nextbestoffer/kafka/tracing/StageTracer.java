package io.nextbestoffer.kafka.tracing;

import java.util.List;
import java.util.function.Consumer;

import jakarta.inject.Singleton;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/** Begins the spans of stages, if tracing is enabled. */
@Singleton
public class StageTracer {

    private final @Nullable Tracer tracer;

    StageTracer(Tracer tracer, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean disabled) {
        this.tracer = disabled ? null : tracer;
    }

    /**
     * Begins the span of a batch.
     *
     * @param records passes the headers of each record to its argument
     */
    public BatchSpan batch(String name, int size, Consumer<Consumer<Headers>> records) {
        if (tracer == null) {
            return BatchSpan.OFF;
        }
        // platform.SpanSampler samples the span if any of its links is sampled
        var span = tracer.spanBuilder(name).setParent(Context.root()).setSpanKind(SpanKind.CONSUMER)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.batch.message_count", size);
        records.accept(headers -> {
            Header parent = TraceContext.parent(headers);
            if (parent != null && TraceContext.isSampled(parent)) {
                span.addLink(TraceContext.read(parent));
            }
        });
        return new BatchSpan(tracer, span.startSpan());
    }

    /**
     * Returns the headers that continue the trace of the current request in a record.
     *
     * @param traceparent header of the request, which is forwarded if tracing is disabled
     */
    public List<Header> ofRequest(@Nullable String traceparent) {
        var current = Span.current().getSpanContext();
        if (current.isValid()) {
            return List.of(TraceContext.write(current));
        }
        return TraceContext.forwarded(traceparent);
    }
}
