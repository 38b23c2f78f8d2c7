package io.nextbestoffer.latest;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;
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

    private double metric(String name) {
        String metrics = given().baseUri(management.uri()).when().get("/q/metrics").then().extract().asString();
        Matcher sample = Pattern.compile("(?m)^" + name + "(?:\\{.*})? (\\S+)$").matcher(metrics);
        assertThat(sample.find()).as(name).isTrue();
        return Double.parseDouble(sample.group(1));
    }
}
