package io.nextbestoffer.latest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.history.DecisionLogWriter;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.ValidatableResponse;

/** Tests when an offer that is on the topic can be looked up. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class LatestOfferViewIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int CUSTOMER = 860_001;

    @FromSandbox
    TestTraffic traffic;

    @FromSandbox
    Management management;

    @FromSandbox
    SandboxInfrastructure sandbox;

    @BeforeEach
    void sendCustomer() {
        send(CUSTOMER);
    }

    private void send(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":" + customer + "}",
                "{\"customer_id\":" + customer + ",\"income\":60000,\"fico\":700}");
    }

    private static ValidatableResponse lookUp(int customer, Object minDecision, String prefer) {
        var request = given().queryParam("min_decision", minDecision);
        return (prefer == null ? request : request.header("Prefer", prefer)).when()
                .get("/customers/" + customer + "/offer").then();
    }

    @Test
    void waitsForADecisionThatACallerHasReadOnTheTopic() {
        for (int activity = 1; activity <= 20; activity++) {
            String decision = traffic.awaitOffer(traffic.activity(CUSTOMER, activity, "deposit", 0.5))
                    .get("decision_id").asText();

            lookUp(CUSTOMER, decision, "wait=5").statusCode(200).body("decision_id", is(decision))
                    .header("Preference-Applied", is("wait=5"));
        }
    }

    @Test
    void answersWithALaterDecision() {
        RecordPosition earlier = traffic.activity(CUSTOMER, 101, "deposit", 0.5);
        RecordPosition later = traffic.activity(CUSTOMER, 102, "deposit", 0.5);
        traffic.awaitOffer(later);
        lookUp(CUSTOMER, later.decisionId(), null).statusCode(200);

        lookUp(CUSTOMER, earlier.decisionId(), null).statusCode(200).body("decision_id",
                is(later.decisionId().toString()));
    }

    @Test
    void reportsADecisionThatIsNotStored() {
        traffic.awaitOffer(traffic.activity(CUSTOMER, 201, "deposit", 0.5));
        given().header("Prefer", "wait=10").when().get("/customers/" + CUSTOMER + "/offer").then().statusCode(200);

        long begin = System.nanoTime();
        lookUp(CUSTOMER, UUID.randomUUID(), "wait=1").statusCode(404).contentType("application/problem+json")
                .body("type", is("decision-not-stored"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        lookUp(CUSTOMER, UUID.randomUUID(), "wait=0").statusCode(404).body("type", is("decision-not-stored"));
        lookUp(999_999_999, UUID.randomUUID(), null).statusCode(404).body("type", is("customer-unknown"));
        lookUp(CUSTOMER, "latest", null).statusCode(400);
    }

    @Test
    void waitsForTheFirstOffer() throws Exception {
        int customer = 860_002;
        send(customer);
        await().atMost(TIMEOUT).untilAsserted(
                () -> when().get("/customers/" + customer + "/offer").then().body("type", is("no-offer-yet")));

        var answer = CompletableFuture.supplyAsync(() -> given().header("Prefer", "wait=10").when()
                .get("/customers/" + customer + "/offer").then().extract().statusCode());
        traffic.awaitOffer(traffic.activity(customer, 1, "deposit", 0.5));

        assertThat(answer.get(15, TimeUnit.SECONDS)).isEqualTo(200);
    }

    @Test
    void skipsRecordsOfOtherProgramsAndMeasuresItsLag() {
        double unreadable = metric("nbo_latest_unreadable_total");
        traffic.send(SandboxTopics.TRACES, null, "{}", "nbo-index", "\u0001 not an index");
        traffic.send(SandboxTopics.TRACES, null, "{}", "nbo-index", "\u0002");
        String decision = traffic.awaitOffer(traffic.activity(CUSTOMER, 301, "deposit", 0.5)).get("decision_id")
                .asText();

        lookUp(CUSTOMER, decision, "wait=10").statusCode(200);
        await().atMost(TIMEOUT).until(() -> metric("nbo_latest_unreadable_total") == unreadable + 2);
        assertThat(metric("nbo_latest_lag_seconds_count")).isPositive();
    }

    /** A time that Postgres can't store would stop the view, and a huge offset would keep later offers out. */
    @Test
    void skipsDecisionsThatCannotBeOfThisService() throws Exception {
        UUID topic = traffic.activity(CUSTOMER, 401, "deposit", 0.5).topicId();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        var forged = new DecisionLogWriter(SandboxTopics.TRACES, 1_000_000);
        for (int partition = 0; partition < 6; partition++) {
            forged.add(entry(new RecordPosition(topic, partition, Long.MAX_VALUE), now, UUID.randomUUID()));
        }
        var position = new RecordPosition(topic, 0, 1);
        forged.add(entry(position, Instant.parse("+294277-01-05T00:00:00Z"), position.decisionId()));
        forged.add(entry(new RecordPosition(topic, -1, 1), now, position.decisionId()));
        try (var producer = new KafkaProducer<>(sandbox.kafka().client(), new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (var record : forged.take()) {
                producer.send(record).get();
            }
        }
        String decision = traffic.awaitOffer(traffic.activity(CUSTOMER, 402, "deposit", 0.5)).get("decision_id")
                .asText();

        lookUp(CUSTOMER, decision, "wait=10").statusCode(200).body("activity_id", is(402));
    }

    private static DecisionLogWriter.Entry entry(RecordPosition position, Instant decidedAt, UUID decisionId) {
        return new DecisionLogWriter.Entry(position, 1, decisionId, decidedAt, Integer.toString(CUSTOMER), "5",
                "banking", 1, "{\"forged\":true}".getBytes(StandardCharsets.UTF_8), null);
    }

    private double metric(String name) {
        String metrics = given().baseUri(management.uri()).when().get("/q/metrics").then().extract().asString();
        Matcher sample = Pattern.compile("(?m)^" + name + "(?:\\{.*})? (\\S+)$").matcher(metrics);
        assertThat(sample.find()).as(name).isTrue();
        return Double.parseDouble(sample.group(1));
    }
}
