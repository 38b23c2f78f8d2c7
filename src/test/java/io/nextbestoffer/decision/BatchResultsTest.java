package io.nextbestoffer.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nextbestoffer.activity.Activity;
import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.InvalidInputException;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.decision.record.OfferHeaders;
import io.nextbestoffer.decision.record.OfferRecordFactory;
import io.nextbestoffer.governance.Snapshot;
import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.stage.SampleAssignments;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;

class BatchResultsTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:06.123456789Z");
    private static final long THEN = Instant.parse("2026-01-02T03:04:05.006Z").toEpochMilli();
    private static final RecordPosition POSITION = new RecordPosition(SampleAssignments.TOPIC_ID, 3, 42);

    private final BatchResults results = results(SampleDecisions.bank());

    private static BatchResults results(Snapshot snapshot) {
        return results(snapshot, false);
    }

    private static BatchResults results(Snapshot snapshot, boolean traces) {
        return new BatchResults(snapshot, new OfferRecordFactory.JsonOfferRecordFactory("next-best-offers"),
                new DecisionLogWriter(traces, "decision-traces", 900_000), 900_000,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private void decide(Activity activity) {
        results.decide(POSITION, activity, SampleDecisions.customer(1), THEN, RecordSpan.NONE);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void haveTheFieldsThatWerePromised() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "branch_visit", 0.4));

        assertThat(results.records()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("next-best-offers");
            assertThat(text(record.key())).isEqualTo("1");
            assertThat(text(record.value())).isEqualTo("""
                    {"activity_id":1,"customer_id":1,"offer_id":1,"offer_name":"new_savings",\
                    "offer_url":"http://google.com.br/magnis/dis/parturient.json","propensity_to_buy":0.4,\
                    "activity_type":"branch_visit","income":403646,"fico":465,\
                    "decision_id":"48975c50-4bd0-5c71-9993-abdff7586225","strategy":"banking","strategy_version":1,\
                    "rule":"savings-for-high-income","catalog_revision":1,"activity_time":"2026-01-02T03:04:05.006Z",\
                    "decided_at":"2026-01-02T03:04:06.123Z"}""");
        });
    }

    @Test
    void sayInTheirHeadersWhichSchemaTheyHaveAndOfWhichActivityTheyAre() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "branch_visit", 0.4));

        assertThat(results.records().get(0).headers()).extracting(Header::key, header -> text(header.value()))
                .containsExactly(tuple("nbo-schema-version", "1"), tuple("nbo-activity", "3/42"));
        assertThat(OfferHeaders.activity(results.records().get(0).headers(), POSITION.topicId(),
                POSITION.decisionId())).isEqualTo(POSITION);
        assertThat(OfferHeaders.activity(results.records().get(0).headers(), new UUID(0, 0), POSITION.decisionId()))
                .as("of a topic that was created again").isNull();
    }

    @Test
    void haveIdsAsTheyCame() {
        decide(SampleDecisions.activity(Id.of("a-1"), Id.of("1"), "deposit", 0.97));

        assertThat(JsonReader.object(results.records().get(0).value()).asMap()).containsEntry("activity_id", "a-1")
                .containsEntry("customer_id", "1").containsEntry("offer_id", 5L).containsEntry("rule", "otherwise");
    }

    @Test
    void carryTheActivitysTraceOn() {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        var headers = new RecordHeaders().add("traceparent", parent.getBytes(StandardCharsets.US_ASCII))
                .add("tracestate", "bank=1".getBytes(StandardCharsets.US_ASCII)).add("other", new byte[1]);

        results.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), THEN,
                BatchSpan.OFF.of(headers, "decide", "customer-activity", POSITION));
        decide(SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4));

        assertThat(results.records()).satisfiesExactly(
                traced -> assertThat(traced.headers()).extracting(header -> header.key() + ": " + text(header.value()))
                        .contains("traceparent: " + parent, "tracestate: bank=1")
                        .noneMatch(header -> header.startsWith("other")),
                plain -> assertThat(plain.headers()).extracting(Header::key).doesNotContain("traceparent",
                        "tracestate"));
    }

    @Test
    void areStoredAsTheyGoOut() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "é😀\"\n", 0.4));

        assertThat(results.decided()).singleElement().satisfies(decided -> {
            assertThat(decided.position()).isEqualTo(POSITION);
            assertThat(decided.recordTime()).isEqualTo(THEN);
            assertThat(decided.json()).isEqualTo(results.records().get(0).value());
        });
    }

    @Test
    void keepTheOrderOfTheInput() {
        var letter = new ProducerRecord<>("customer-activity-dead-letter", new byte[0], new byte[0]);
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));
        results.deadLetter("unreadable", letter);
        decide(SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4));

        assertThat(results.records()).extracting(ProducerRecord::topic).containsExactly("next-best-offers",
                "customer-activity-dead-letter", "next-best-offers");
        assertThat(results.decided()).hasSize(2);
    }

    @Test
    void refuseAnOfferThatIsTooLarge() {
        Activity large = SampleDecisions.activity(Id.of(1), Id.of(1), "x".repeat(1_000_000), 0.4);

        assertThatThrownBy(() -> decide(large)).isInstanceOf(InvalidInputException.class)
                .hasMessageMatching("the offer would have \\d+ bytes");
        assertThat(results.records()).isEmpty();
        assertThat(results.decided()).isEmpty();
    }

    @Test
    void refuseAnOfferThatIsUnknown() {
        var onlySavings = new Catalog(1,
                Map.of(Id.of(1), new Offer(Id.of(1), "new_savings", "", null, Attributes.NONE, null, null)));
        var incomplete = results(SampleDecisions.of(SampleDecisions.strategy(), onlySavings));

        assertThatThrownBy(
                () -> incomplete.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.97),
                        SampleDecisions.customer(1), THEN, RecordSpan.NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThat(incomplete.records()).isEmpty();
        assertThat(incomplete.decided()).isEmpty();
    }

    @Test
    void takeActivitiesWithoutTimestamp() {
        results.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), -1,
                RecordSpan.NONE);

        assertThat(text(results.records().get(0).value())).contains("\"activity_time\":\"1969-12-31T23:59:59.999Z\"");
    }

    @Test
    void leaveTracesOfWhatGoesOut() {
        var traced = results(SampleDecisions.bank(), true);
        traced.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), THEN,
                RecordSpan.NONE);
        traced.deadLetter("unreadable", new ProducerRecord<>("customer-activity-dead-letter", new byte[0]));
        traced.decide(POSITION, SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), THEN,
                RecordSpan.NONE);

        var records = traced.records();

        assertThat(records).extracting(ProducerRecord::topic).containsExactly("next-best-offers",
                "customer-activity-dead-letter", "next-best-offers", "decision-traces");
        assertThat(text(records.get(3).value())).isEqualTo("{\"decision\":" + text(records.get(0).value())
                + "}\n{\"decision\":" + text(records.get(2).value()) + "}\n");
    }

    @Test
    void areTracedWithTheirInputsWhereTheyDoNotHaveThemAll() {
        var traced = results(
                SampleDecisions.of(SampleDecisions.strategyThatKeepsItsInputs(), SampleDecisions.catalog()), true);
        traced.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), THEN,
                RecordSpan.NONE);

        byte[] inputs = traced.decided().get(0).inputs();
        assertThat(text(inputs)).isEqualTo("{\"activity\":{\"propensity_to_buy\":0.4,\"activity_type\":\"deposit\"},"
                + "\"customer\":{\"income\":403646,\"fico\":465}}");
        assertThat(text(traced.records().get(1).value())).isEqualTo("{\"decision\":"
                + text(traced.records().get(0).value()) + ",\"inputs\":" + text(inputs) + "}\n");
    }

    @Test
    void areCountedOnlyWhenAsked() {
        var metrics = new SimpleMeterRegistry();
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));
        results.deadLetter("unreadable", new ProducerRecord<>("x", new byte[0]));
        results.deadLetter("unreadable", new ProducerRecord<>("x", new byte[0]));

        results.count(metrics);

        assertThat(metrics.get("nbo.decisions").tags("strategy", "banking", "offer", "1").counter().count())
                .isEqualTo(1);
        assertThat(metrics.get("nbo.dead.letters").tags("channel", "activities", "reason", "unreadable").counter()
                .count()).isEqualTo(2);
        assertThat(metrics.get("nbo.decision.latency").timer().count()).isEqualTo(1);
    }
}
