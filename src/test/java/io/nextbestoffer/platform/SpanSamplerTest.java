package io.nextbestoffer.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;

class SpanSamplerTest {

    private final SdkTracerProvider provider = provider(0);
    private final Tracer tracer = provider.get("test");

    private static SdkTracerProvider provider(double ratio) {
        return SdkTracerProvider.builder().setSampler(new SpanSampler().sampler(ratio))
                .addSpanProcessor(new SpanRedactor()).build();
    }

    private static SpanContext context(boolean sampled) {
        return SpanContext.createFromRemoteParent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
                sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(), TraceState.getDefault());
    }

    @AfterEach
    void close() {
        provider.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsTheCaller(boolean sampled) {
        var caller = Context.root().with(Span.wrap(context(sampled)));

        assertThat(tracer.spanBuilder("a").setParent(caller).startSpan().isRecording()).isEqualTo(sampled);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void samplesABatchThatLinksToASampledTrace(boolean sampled) {
        var batch = tracer.spanBuilder("batch").setNoParent().addLink(context(false)).addLink(context(sampled))
                .startSpan();

        assertThat(batch.isRecording()).isEqualTo(sampled);
    }

    @Test
    void samplesSpansWithoutCallerAtTheRatio() {
        assertThat(tracer.spanBuilder("a").setNoParent().startSpan().isRecording()).isFalse();
        try (var all = provider(1)) {
            assertThat(all.get("test").spanBuilder("a").setNoParent().startSpan().isRecording()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void rejectsRatiosOutsideZeroToOne(double ratio) {
        assertThatThrownBy(() -> new SpanSampler().sampler(ratio))
                .hasMessageContaining("quarkus.otel.traces.sampler.arg must be between 0 and 1");
    }

    @Test
    void redactsPersonalData() {
        try (var all = provider(1)) {
            var span = (ReadableSpan) all.get("test").spanBuilder("GET /customers/{id}")
                    .setAttribute("url.path", "/customers/42").setAttribute("url.query", "id=42")
                    .setAttribute("client.address", "198.18.0.1").setAttribute("user_agent.original", "of 42")
                    .setAttribute("http.route", "/customers/{id}").startSpan();

            assertThat(span.getAttributes().asMap().values()).containsExactlyInAnyOrder("-", "-", "-", "-",
                    "/customers/{id}");
            assertThat(span.getAttribute(AttributeKey.stringKey("url.full"))).isNull();
        }
    }
}
