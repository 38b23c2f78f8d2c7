package io.nextbestoffer.kafka.tracing;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;

/**
 * The <a href="https://www.w3.org/TR/trace-context/">W3C trace context</a> in the headers of a record. It is read from
 * bytes, for every record: what is not of version 00 and well-formed counts as not there.
 */
public final class TraceContext {

    public static final String TRACEPARENT = "traceparent";
    static final String TRACESTATE = "tracestate";

    /** version - trace id - span id - flags */
    private static final String SHAPE = "00-tttttttttttttttttttttttttttttttt-ssssssssssssssss-ff";
    /** What anybody has to pass on, at least; a record is not made larger by more. */
    private static final int LONGEST_STATE = 512;

    private TraceContext() {
    }

    /** @return the last traceparent, if it is valid */
    static @Nullable Header parent(Headers headers) {
        Header parent = headers.lastHeader(TRACEPARENT);
        return parent != null && isValid(parent.value()) ? parent : null;
    }

    static boolean isSampled(Header parent) {
        return (Character.digit(parent.value()[SHAPE.length() - 1], 16) & 1) == 1;
    }

    static boolean isValid(byte @Nullable [] parent) {
        if (parent == null || parent.length != SHAPE.length()) {
            return false;
        }
        boolean trace = false;
        boolean span = false;
        for (int i = 0; i < parent.length; i++) {
            byte is = parent[i];
            char of = SHAPE.charAt(i);
            if (of == '0' || of == '-' ? is != of : !(is >= '0' && is <= '9' || is >= 'a' && is <= 'f')) {
                return false;
            }
            trace |= of == 't' && is != '0';
            span |= of == 's' && is != '0';
        }
        return trace && span;
    }

    /** What goes on with what comes of the record: as it came. */
    static List<Header> carriedOn(Header parent, Headers headers) {
        Header state = headers.lastHeader(TRACESTATE);
        return state == null || state.value() == null || state.value().length > LONGEST_STATE
                ? List.of(parent)
                : List.of(parent, state);
    }

    /** @param parent of a request; nothing goes on if it is not valid */
    static List<Header> carriedOn(@Nullable String parent) {
        byte[] bytes = parent == null ? null : parent.getBytes(StandardCharsets.ISO_8859_1);
        return isValid(bytes) ? List.of(new RecordHeader(TRACEPARENT, bytes)) : List.of();
    }

    static SpanContext read(Header parent) {
        String text = new String(parent.value(), StandardCharsets.US_ASCII);
        return SpanContext.createFromRemoteParent(text.substring(3, 35), text.substring(36, 52),
                TraceFlags.fromHex(text, 53), TraceState.getDefault());
    }

    static Header write(SpanContext context) {
        String text = "00-" + context.getTraceId() + "-" + context.getSpanId() + "-" + context.getTraceFlags().asHex();
        return new RecordHeader(TRACEPARENT, text.getBytes(StandardCharsets.US_ASCII));
    }
}
