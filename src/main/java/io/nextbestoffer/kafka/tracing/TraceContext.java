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
 * The <a href="https://www.w3.org/TR/trace-context/">W3C trace context</a> in the headers of a record. It is parsed
 * from bytes rather than text, because every record has to be checked. A context that is malformed, or not of version
 * 00, is ignored.
 */
public final class TraceContext {

    public static final String TRACEPARENT = "traceparent";
    static final String TRACESTATE = "tracestate";

    /** version - trace id - span id - flags */
    private static final String FORMAT = "00-tttttttttttttttttttttttttttttttt-ssssssssssssssss-ff";
    /**
     * The longest tracestate that every implementation must forward. Longer ones are dropped, to keep records small.
     */
    private static final int MAX_STATE_LENGTH = 512;

    private TraceContext() {
    }

    /** Returns the last traceparent; null if it is not valid. */
    static @Nullable Header parent(Headers headers) {
        Header parent = headers.lastHeader(TRACEPARENT);
        return parent != null && isValid(parent.value()) ? parent : null;
    }

    static boolean isSampled(Header parent) {
        return (Character.digit(parent.value()[FORMAT.length() - 1], 16) & 1) == 1;
    }

    static boolean isValid(byte @Nullable [] parent) {
        if (parent == null || parent.length != FORMAT.length()) {
            return false;
        }
        boolean trace = false;
        boolean span = false;
        for (int i = 0; i < parent.length; i++) {
            byte actual = parent[i];
            char expected = FORMAT.charAt(i);
            boolean matches = expected == '0' || expected == '-' ? actual == expected : isLowerHex(actual);
            if (!matches) {
                return false;
            }
            trace |= expected == 't' && actual != '0';
            span |= expected == 's' && actual != '0';
        }
        return trace && span;
    }

    private static boolean isLowerHex(byte character) {
        return character >= '0' && character <= '9' || character >= 'a' && character <= 'f';
    }

    /** Returns the headers of a context to forward it unchanged. */
    static List<Header> forwarded(Header parent, Headers headers) {
        Header state = headers.lastHeader(TRACESTATE);
        return state == null || state.value() == null || state.value().length > MAX_STATE_LENGTH
                ? List.of(parent)
                : List.of(parent, state);
    }

    /** @param parent the traceparent of a request; nothing is forwarded if it is not valid */
    static List<Header> forwarded(@Nullable String parent) {
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
