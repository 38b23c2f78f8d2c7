package io.nextbestoffer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;

/** Tests the REST API as app developers and operators use it. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class RestIT {

    private static final String ACTIVITY = """
            {"activity_id":%d,"customer_id":800,"activity_type":"deposit","propensity_to_buy":0.5}""";

    @FromSandbox
    TestTraffic traffic;

    @FromSandbox
    Management management;

    @BeforeEach
    void sendCustomer() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":800}",
                "{\"customer_id\":800,\"income\":60000,\"fico\":700}");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> given().queryParam("after", "799").when()
                .get("/customers").then().body("customers.customer_id", hasItem(800)));
    }

    @Test
    void decidesPostedActivities() {
        post(ACTIVITY.formatted(1)).statusCode(202).body("accepted", is(1));
        post("[" + ACTIVITY.formatted(2) + "," + ACTIVITY.formatted(3) + "]").statusCode(202).body("accepted", is(2));

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(traffic.offers().stream()
                .filter(offer -> offer.get("customer_id").asText().equals("800"))
                .map(offer -> offer.get("activity_id").asInt())).containsSubsequence(1, 2, 3));
    }

    @Test
    void namesInvalidFieldsOfAPost() {
        post("[" + ACTIVITY.formatted(1) + ",{\"customer_id\":true},7,{\"activity_id\":2,\"customer_id\":800,"
                + "\"activity_type\":\"deposit\",\"propensity_to_buy\":\"high\"}]").statusCode(400)
                .contentType("application/problem+json")
                .body("violations.field", contains("[1].activity_id", "[1].customer_id", "[2]",
                        "[3].propensity_to_buy"))
                .body("violations[3].message", containsString("must be a double"));
        post("{\"activity_id\":1").statusCode(400).body("violations[0].message", containsString("not JSON"));
        post("").statusCode(400);
        post("[]").statusCode(400);
        given().contentType("text/plain").body("x").when().post("/activities").then().statusCode(415);
    }

    @Test
    void acceptsAnIdempotencyKeyOnce() {
        String body = ACTIVITY.formatted(4711);
        String key = "RestIT-" + System.nanoTime();

        for (int i = 0; i < 3; i++) {
            given().header("Idempotency-Key", key).contentType("application/json").body(body)
                    .when().post("/activities").then().statusCode(202).body("accepted", is(1));
        }

        given().header("Idempotency-Key", key).contentType("application/json").body(ACTIVITY.formatted(4712))
                .when().post("/activities").then().statusCode(422).body("type", is("idempotency-key-reused"));
        assertThat(traffic.committed(SandboxTopics.ACTIVITY).stream()
                .filter(record -> new String(record.value() == null ? new byte[0] : record.value(),
                        StandardCharsets.UTF_8).contains("4711")))
                .hasSize(1);
    }

    @Test
    void streamsOffersAsTheyAreMade() throws IOException, InterruptedException {
        try (var listener = new Listener("customer=800&offer=3")) {
            // Repeats until the stream follows the topic; then the filter must have excluded the other offer
            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofSeconds(1)).until(() -> {
                postForAnotherOffer(5);
                post(ACTIVITY.formatted(6));
                return listener.received(6);
            });

            assertThat(listener.received(5)).isFalse();
        }
    }

    @Test
    void keepsOtherStreamsOpenWhenAListenerLeaves() throws IOException, InterruptedException {
        try (var staying = new Listener("customer=800")) {
            new Listener("customer=800").close();
            try (var joining = new Listener("customer=800")) {
                await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofSeconds(1)).until(() -> {
                    post(ACTIVITY.formatted(10));
                    return staying.received(10) && joining.received(10);
                });
            }
        }
    }

    @Test
    void combinesFiltersOfTheStream() throws IOException, InterruptedException {
        String offer = when().get("/offers/3").then().statusCode(200).extract().asString();
        try (var both = new Listener("customer=800&category=loans&strategy=banking");
                var wrongStrategy = new Listener("customer=800&category=loans&strategy=shopping");
                var wrongCategory = new Listener("customer=800&category=savings&strategy=banking");
                var onlyStrategy = new Listener("customer=800&strategy=banking")) {
            put("/offers/3", offer.replace("\"category\":null", "\"category\":\"loans\"")).statusCode(200)
                    .body("category", is("loans"));
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> when().get("/products").then()
                    .body("find { it.product_id == 3 }.category", is("loans")));

            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofSeconds(1)).until(() -> {
                postForAnotherOffer(8);
                post(ACTIVITY.formatted(9));
                return both.received(9) && onlyStrategy.received(8) && onlyStrategy.received(9);
            });

            assertThat(both.received(8)).isFalse();
            assertThat(wrongStrategy.received(9)).isFalse();
            assertThat(wrongCategory.received(9)).isFalse();
        } finally {
            put("/offers/3", offer).statusCode(200);
        }
    }

    @Test
    void servesCatalogProductsAndDocumentation() {
        when().get("/offers").then().statusCode(200).body("offer_id", hasItems(1, 2, 3, 4, 5, "premium-credit-card"))
                .body("offer_name", hasItems("new_savings", "no_offer"));
        when().get("/products").then().statusCode(200).body("product_name", hasItems("new_home_loan"))
                .body("find { it.product_id == 3 }.eligibility[0].when", containsString("customer.fico >= 600"));
        given().accept("application/json").when().get("/q/openapi").then().statusCode(200)
                .body("paths", hasKey("/customers/{id}/offer")).body("paths", hasKey("/activities"))
                .body("paths", hasKey("/offers/stream"))
                .body("paths.'/offers/{id}'", allOf(hasKey("get"), hasKey("put"), hasKey("delete")));
        when().get("/q/swagger-ui/").then().statusCode(200);
        when().get("/nothing/here").then().statusCode(404).contentType("application/problem+json");
    }

    @Test
    void servesHealthAndMetricsOnTheManagementPort() {
        postAndAwait(7);
        for (String check : new String[]{"live", "ready", "started"}) {
            given().baseUri(management.uri()).when().get("/q/health/" + check).then().statusCode(200).body("status",
                    is("UP"));
        }
        given().baseUri(management.uri()).when().get("/q/health/ready").then()
                .body("checks.name", hasItems("deciding", "customer changes"));
        String metrics = given().baseUri(management.uri()).when().get("/q/metrics").then().statusCode(200).extract()
                .asString();
        assertThat(metrics).contains("nbo_decisions_total{", "nbo_parked_activities", "nbo_batch_size_count",
                "nbo_stage_seconds_count{channel=\"activities\",step=\"commit\"}", "nbo_decision_latency_seconds_count",
                "cache_gets_total{cache=\"customers\",result=\"hit\"}", "kafka_consumer_fetch_manager_records_lag",
                "nbo_customer_changes_total{outcome=\"applied\"}");
    }

    private void postAndAwait(int activity) {
        post(ACTIVITY.formatted(activity)).statusCode(202);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> when().get("/customers/800/offer").then().body("activity_id", is(activity)));
    }

    private static ValidatableResponse post(String body) {
        return given().contentType("application/json").body(body).when().post("/activities").then();
    }

    /** Posts an activity with a propensity that leads to no_offer, unlike {@link #ACTIVITY}. */
    private static void postForAnotherOffer(int activity) {
        post(ACTIVITY.formatted(activity).replace("0.5", "0.95"));
    }

    private static ValidatableResponse put(String path, String body) {
        return given().contentType("application/json").body(body).when().put(path).then();
    }

    /** A listener of the live stream; the constructor returns once the stream follows the topic. */
    private static final class Listener implements AutoCloseable {

        private final Queue<String> lines = new ConcurrentLinkedQueue<>();
        private final InputStream stream;

        Listener(String filters) throws IOException, InterruptedException {
            stream = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI
                    .create(RestAssured.baseURI + ":" + RestAssured.port + "/offers/stream?" + filters)).build(),
                    HttpResponse.BodyHandlers.ofInputStream()).body();
            var thread = new Thread(() -> {
                try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                    reader.lines().forEach(lines::add);
                } catch (IOException | UncheckedIOException e) {
                    lines.add("ended: " + e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> lines.contains(":listening"));
        }

        boolean received(int activity) {
            return lines.stream().anyMatch(line -> line.startsWith("data:")
                    && line.contains("\"activity_id\":" + activity + ","));
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
