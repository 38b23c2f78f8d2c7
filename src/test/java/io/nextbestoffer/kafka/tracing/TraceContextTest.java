package io.nextbestoffer.kafka.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";
    private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsAndWritesTheContext() {
        var parent = TraceContext.parent(new RecordHeaders().add("traceparent", bytes(PARENT)));

        assertThat(TraceContext.isSampled(parent)).isTrue();
        var context = TraceContext.read(parent);
        assertThat(context.getTraceId()).isEqualTo(TRACE);
        assertThat(context.getSpanId()).isEqualTo(SPAN);
        assertThat(context.isSampled()).isTrue();
        assertThat(context.isRemote()).isTrue();
        assertThat(TraceContext.write(context).value()).isEqualTo(bytes(PARENT));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"00", "00-" + TRACE + "-" + SPAN, "00-" + TRACE + "-" + SPAN + "-01-x",
            "01-" + TRACE + "-" + SPAN + "-01", "ff-" + TRACE + "-" + SPAN + "-01",
            "00-" + TRACE + "_" + SPAN + "-01", "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
            "00-00000000000000000000000000000000-" + SPAN + "-01", "00-" + TRACE + "-0000000000000000-01",
            "00-" + TRACE + "-" + SPAN + "-0g", "00-ééééééééééé651916cd43dd8448-" + SPAN + "-01"})
    void ignoresAMalformedContext(String parent) {
        assertThat(TraceContext.parent(new RecordHeaders().add("traceparent", bytes(parent)))).isNull();
        assertThat(TraceContext.forwarded(parent)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "fe"})
    void forwardsAnUnsampledContextButDropsALargeState(String flags) {
        var headers = new RecordHeaders().add("traceparent", bytes("00-" + TRACE + "-" + SPAN + "-" + flags))
                .add("tracestate", new byte[513]);
        var parent = TraceContext.parent(headers);

        assertThat(TraceContext.isSampled(parent)).isFalse();
        assertThat(TraceContext.forwarded(parent, headers)).as("without a state of more than 512 bytes")
                .containsExactly(parent);
    }
}
