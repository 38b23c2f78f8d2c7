package io.nextbestoffer.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
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
import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.kafka.stage.DeadLetters;
import io.nextbestoffer.kafka.stage.SampleAssignments;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.tracing.BatchSpan;
import io.nextbestoffer.kafka.tracing.RecordSpan;
import io.nextbestoffer.offer.Catalog;
import io.nextbestoffer.offer.Offer;

class DecisionSessionTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:06.123456789Z");
    private static final long THEN = Instant.parse("2026-01-02T03:04:05.006Z").toEpochMilli();
    private static final RecordPosition POSITION = new RecordPosition(SampleAssignments.TOPIC_ID, 3, 42);

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final DecisionSession session = session(SampleDecisions.bank());

    private DecisionSession session(Snapshot snapshot) {
        return new DecisionSession(snapshot, new OfferRecordFactory.JsonOfferRecordFactory("next-best-offers"),
                new DeadLetters("-dead-letter"), new DecisionLogWriter("decision-traces", 900_000),
                Clock.fixed(NOW, ZoneOffset.UTC), metrics);
    }

    /** The records without the decision log. */
    private static List<ProducerRecord<byte[], byte[]>> sent(DecisionSession session) {
        return session.records().stream().filter(record -> !record.topic().equals("decision-traces")).toList();
    }

    private static List<LineIndex.Line> logged(DecisionSession session) {
        var lines = new ArrayList<LineIndex.Line>();
        session.records().stream().filter(record -> record.topic().equals("decision-traces"))
                .forEach(record -> assertThat(LineIndex.read(consumed(record), lines::add)).isTrue());
        return lines;
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, record.value().length,
                record.key(), record.value(), record.headers(), Optional.empty());
    }

    private void decide(Activity activity) {
        decide(session, activity);
    }

    private static void decide(DecisionSession session, Activity activity) {
        session.decide(POSITION, activity, SampleDecisions.customer(1), THEN, RecordSpan.NONE);
    }

    private static void deadLetter(DecisionSession session) {
        session.deadLetter(new ConsumerRecord<>("customer-activity", 3, 43, new byte[0], new byte[0]), RecordSpan.NONE,
                "unreadable", "not JSON");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void writesOffersWithTheDocumentedFields() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "branch_visit", 0.4));

        assertThat(sent(session)).singleElement().satisfies(record -> {
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
    void writesSchemaVersionAndActivityPositionToTheHeaders() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "branch_visit", 0.4));

        assertThat(sent(session).get(0).headers()).extracting(Header::key, header -> text(header.value()))
                .containsExactly(tuple("nbo-schema-version", "1"), tuple("nbo-activity", "3/42"));
        assertThat(OfferHeaders.activity(sent(session).get(0).headers(), POSITION.topicId(),
                POSITION.decisionId())).isEqualTo(POSITION);
        assertThat(OfferHeaders.activity(sent(session).get(0).headers(), new UUID(0, 0), POSITION.decisionId()))
                .as("activity of a topic that was created again").isNull();
    }

    @Test
    void keepsTheJsonTypesOfIds() {
        decide(SampleDecisions.activity(Id.of("a-1"), Id.of("1"), "deposit", 0.97));

        assertThat(JsonReader.object(sent(session).get(0).value()).asMap()).containsEntry("activity_id", "a-1")
                .containsEntry("customer_id", "1").containsEntry("offer_id", 5L).containsEntry("rule", "otherwise");
    }

    @Test
    void continuesTheTraceOfTheActivity() {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        var headers = new RecordHeaders().add("traceparent", parent.getBytes(StandardCharsets.US_ASCII))
                .add("tracestate", "bank=1".getBytes(StandardCharsets.US_ASCII)).add("other", new byte[1]);

        session.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), THEN,
                BatchSpan.OFF.of(headers, "decide", "customer-activity", POSITION));
        decide(SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4));

        assertThat(sent(session)).satisfiesExactly(
                traced -> assertThat(traced.headers()).extracting(header -> header.key() + ": " + text(header.value()))
                        .contains("traceparent: " + parent, "tracestate: bank=1")
                        .noneMatch(header -> header.startsWith("other")),
                plain -> assertThat(plain.headers()).extracting(Header::key).doesNotContain("traceparent",
                        "tracestate"));
    }

    @Test
    void logsTheBytesOfTheOfferRecordWithAnIndex() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "é😀\"\n", 0.4));

        assertThat(logged(session)).singleElement().satisfies(line -> {
            assertThat(line.position()).isEqualTo(POSITION);
            assertThat(line.recordTime()).isEqualTo(THEN);
            assertThat(line.decisionId()).isEqualTo(POSITION.decisionId());
            assertThat(line.decidedAt()).isEqualTo(NOW.truncatedTo(ChronoUnit.MILLIS));
            assertThat(line.customer()).isEqualTo("1");
            assertThat(line.strategy()).isEqualTo("banking");
            assertThat(line.strategyVersion()).isEqualTo(1);
            assertThat(line.decision().copy()).isEqualTo(sent(session).get(0).value());
            assertThat(line.inputs()).isNull();
        });
    }

    @Test
    void keepsTheOrderOfTheInput() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));
        deadLetter(session);
        decide(SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4));

        assertThat(sent(session)).extracting(ProducerRecord::topic).containsExactly("next-best-offers",
                "customer-activity-dead-letter", "next-best-offers");
        assertThat(logged(session)).hasSize(2);
    }

    @Test
    void rejectsAnOfferThatIsTooLarge() {
        Activity large = SampleDecisions.activity(Id.of(1), Id.of(1), "x".repeat(1_000_000), 0.4);

        assertThatThrownBy(() -> decide(large)).isInstanceOf(InvalidInputException.class)
                .hasMessageMatching("the offer would have \\d+ bytes");
        assertThat(sent(session)).isEmpty();
        assertThat(logged(session)).isEmpty();
    }

    @Test
    void rejectsAnOfferThatIsNotInTheCatalog() {
        var onlySavings = new Catalog(1,
                Map.of(Id.of(1), new Offer(Id.of(1), "new_savings", "", null, Attributes.NONE, null, null)));
        var incomplete = session(SampleDecisions.of(SampleDecisions.strategy(), onlySavings));

        assertThatThrownBy(
                () -> decide(incomplete, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.97)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(incomplete.records()).isEmpty();
    }

    @Test
    void decidesActivitiesWithoutTimestamp() {
        session.decide(POSITION, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4),
                SampleDecisions.customer(1), -1,
                RecordSpan.NONE);

        assertThat(text(sent(session).get(0).value())).contains("\"activity_time\":\"1969-12-31T23:59:59.999Z\"");
    }

    @Test
    void writesTheDecisionLogAfterTheOffers() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));
        deadLetter(session);
        decide(SampleDecisions.activity(Id.of(2), Id.of(1), "deposit", 0.4));

        var records = session.records();

        assertThat(records).extracting(ProducerRecord::topic).containsExactly("next-best-offers",
                "customer-activity-dead-letter", "next-best-offers", "decision-traces");
        assertThat(text(records.get(3).value())).isEqualTo("{\"decision\":" + text(records.get(0).value())
                + "}\n{\"decision\":" + text(records.get(2).value()) + "}\n");
    }

    @Test
    void logsInputsThatTheOfferDoesNotContain() {
        var keeping = session(
                SampleDecisions.of(SampleDecisions.strategyThatKeepsItsInputs(), SampleDecisions.catalog()));
        decide(keeping, SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));

        byte[] inputs = logged(keeping).get(0).inputs().copy();
        assertThat(text(inputs)).isEqualTo("{\"activity\":{\"propensity_to_buy\":0.4,\"activity_type\":\"deposit\"},"
                + "\"customer\":{\"income\":403646,\"fico\":465}}");
        assertThat(text(keeping.records().get(1).value())).isEqualTo("{\"decision\":"
                + text(keeping.records().get(0).value()) + ",\"inputs\":" + text(inputs) + "}\n");
    }

    @Test
    void countsOnlyCommittedDecisions() {
        decide(SampleDecisions.activity(Id.of(1), Id.of(1), "deposit", 0.4));
        deadLetter(session);
        deadLetter(session);
        assertThat(metrics.getMeters()).isEmpty();

        session.committed();

        assertThat(metrics.get("nbo.decisions").tags("strategy", "banking", "offer", "1").counter().count())
                .isEqualTo(1);
        assertThat(metrics.get("nbo.dead.letters").tags("channel", "activities", "reason", "unreadable").counter()
                .count()).isEqualTo(2);
        assertThat(metrics.get("nbo.decision.latency").timer().count()).isEqualTo(1);
    }
}
