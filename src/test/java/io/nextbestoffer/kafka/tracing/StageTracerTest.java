package io.nextbestoffer.kafka.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.stage.SampleAssignments;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;

class StageTracerTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";
    private static final RecordPosition POSITION = new RecordPosition(SampleAssignments.TOPIC_ID, 3, 42);

    private final List<SpanData> ended = new ArrayList<>();
    private final SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(new Collector()).build();
    private final StageTracer tracer = new StageTracer(provider.get("test"), false);

    private final class Collector implements SpanProcessor {

        @Override
        public void onStart(Context parent, ReadWriteSpan span) {
        }

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            ended.add(span.toSpanData());
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }
    }

    @AfterEach
    void close() {
        provider.close();
    }

    private static Headers traced(String flags) {
        return new RecordHeaders().add("traceparent", ("00-" + TRACE + "-" + CALLER + "-" + flags)
                .getBytes(StandardCharsets.US_ASCII));
    }

    private BatchSpan batch(Headers... records) {
        return tracer.batch("batch", records.length, headers -> List.of(records).forEach(headers));
    }

    private static String text(RecordSpan span) {
        return new String(span.headers().get(0).value(), StandardCharsets.US_ASCII);
    }

    @Test
    void linksABatchWithItsSampledRecords() {
        batch(traced("01"), traced("00"), new RecordHeaders()).end();

        assertThat(ended).singleElement().satisfies(batch -> {
            assertThat(batch.getParentSpanContext().isValid()).isFalse();
            assertThat(batch.getLinks()).singleElement()
                    .satisfies(link -> assertThat(link.getSpanContext().getSpanId()).isEqualTo(CALLER));
        });
    }

    @Test
    void endsTheSpanOfASampledRecordWithTheCommit() {
        BatchSpan batch = batch(traced("01"));
        RecordSpan record = batch.of(traced("01"), "decide", "customer-activity", POSITION);
        record.outcome("offer");
        assertThat(ended).isEmpty();

        batch.committed();

        assertThat(ended).singleElement().satisfies(span -> {
            assertThat(span.getTraceId()).isEqualTo(TRACE);
            assertThat(span.getParentSpanId()).isEqualTo(CALLER);
            assertThat(text(record)).isEqualTo("00-" + TRACE + "-" + span.getSpanId() + "-01");
        });
    }

    @Test
    void recordsAFailedBatchWithoutItsRecords() {
        BatchSpan batch = batch(traced("01"));
        batch.of(traced("01"), "decide", "customer-activity", POSITION);

        batch.failed(new IllegalStateException("of Waylen Tubble"));
        batch.end();

        assertThat(ended).extracting(SpanData::getStatus)
                .containsExactly(StatusData.create(StatusData.error().getStatusCode(),
                        "java.lang.IllegalStateException"));
    }

    @Test
    void recordsStepsAsChildrenOfTheirBatch() {
        BatchSpan batch = batch();
        batch.step("store", System.nanoTime() - 5_000_000);
        batch.end();

        SpanData step = ended.get(0);
        assertThat(step.getParentSpanId()).isEqualTo(ended.get(1).getSpanId());
        assertThat(step.getEndEpochNanos() - step.getStartEpochNanos()).isBetween(5_000_000L, 1_000_000_000L);
    }

    @Test
    void forwardsTheContextOfARecordThatIsNotSampled() {
        assertThat(text(batch().of(traced("00"), "decide", "customer-activity", POSITION)))
                .isEqualTo("00-" + TRACE + "-" + CALLER + "-00");
        assertThat(batch().of(new RecordHeaders(), "decide", "customer-activity", POSITION))
                .isSameAs(RecordSpan.NONE);
    }

    @Test
    void forwardsTheContextWhenTracingIsDisabled() {
        var off = new StageTracer(provider.get("test"), true);
        BatchSpan batch = off.batch("batch", 1, headers -> headers.accept(traced("01")));

        assertThat(text(batch.of(traced("01"), "decide", "customer-activity", POSITION)))
                .isEqualTo("00-" + TRACE + "-" + CALLER + "-01");
        batch.step("store", System.nanoTime());
        batch.committed();
        batch.end();

        assertThat(ended).isEmpty();
        assertThat(off.ofRequest("00-" + TRACE + "-" + CALLER + "-01")).hasSize(1);
        assertThat(off.ofRequest("nonsense")).isEmpty();
        assertThat(off.ofRequest(null)).isEmpty();
    }
}
