package io.nextbestoffer;

import static io.nextbestoffer.sandbox.OtlpReceiver.hex;
import static io.nextbestoffer.sandbox.TestTraffic.header;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasItem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.JsonLogReceiver;
import io.nextbestoffer.sandbox.OtlpReceiver;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.specification.RequestSpecification;

/** Tests traces, exemplars, logs and metrics as docs/observability.md and docs/operations.md describe them. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class ObservabilityIT {

    private static final int CUSTOMER = 87_654_321;
    private static final String PROFILE = "{\"customer_id\":%d,\"income\":60000,\"fico\":700}";

    /** The Accept header that Prometheus sends with {@code scrape_protocols: [OpenMetricsText1.0.0]}. */
    private static final String OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

    @FromSandbox
    TestTraffic traffic;

    @FromSandbox
    OtlpReceiver traces;

    @FromSandbox
    Management management;

    @FromSandbox
    JsonLogReceiver log;

    private final Caller caller = Caller.sampled();

    /** Trace context of a caller. */
    private record Caller(String trace, String span, String flags) {

        static Caller sampled() {
            return new Caller(random(16), random(8), "01");
        }

        private static String random(int bytes) {
            var id = new byte[bytes];
            ThreadLocalRandom.current().nextBytes(id);
            id[0] = 1;
            return HexFormat.of().formatHex(id);
        }

        String traceparent() {
            return "00-" + trace + "-" + span + "-" + flags;
        }

        RequestSpecification request() {
            return given().header("traceparent", traceparent());
        }
    }

    @BeforeEach
    void sendCustomer() {
        sendAndAwait(CUSTOMER);
    }

    private void sendAndAwait(int customer) {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":" + customer + "}", PROFILE.formatted(customer));
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> given().queryParam("after", customer - 1).when()
                .get("/customers").then().body("customers.customer_id", hasItem(customer)));
    }

    private static void post(Caller caller, int customer, int activity) {
        caller.request().contentType("application/json").body("""
                {"activity_id":%d,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":0.5}"""
                .formatted(activity, customer)).when().post("/activities").then().statusCode(202);
    }

    private ConsumerRecord<byte[], byte[]> awaitRecord(String topic, int customer, int activity) {
        return awaited(() -> traffic.committed(topic).stream()
                .filter(record -> record.value() != null && record.value().length > 0 && record.value()[0] == '{')
                .filter(record -> {
                    JsonNode value = TestTraffic.json(record.value());
                    return value.path("customer_id").asInt() == customer
                            && value.path("activity_id").asInt() == activity;
                }).findFirst());
    }

    private Span awaitSpan(Predicate<Span> wanted) {
        return awaited(() -> traces.spans().stream().filter(wanted).findFirst());
    }

    private static <T> T awaited(Callable<Optional<T>> wanted) {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(100))
                .until(wanted, Optional::isPresent).orElseThrow();
    }

    private Predicate<Span> of(Caller caller) {
        return span -> hex(span.getTraceId()).equals(caller.trace());
    }

    private static Predicate<Span> named(String name) {
        return span -> span.getName().equals(name);
    }

    private static String attribute(Span span, String name) {
        return span.getAttributesList().stream().filter(one -> one.getKey().equals(name)).map(KeyValue::getValue)
                .map(value -> value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue())
                .findFirst().orElse("");
    }

    /** The traceparent of records written within this span. */
    private static String writtenIn(Span span) {
        return "00-" + hex(span.getTraceId()) + "-" + hex(span.getSpanId()) + "-01";
    }

    @Test
    void tracesAnActivityFromRequestToOffer() {
        post(caller, CUSTOMER, 1);

        Span request = awaitSpan(of(caller).and(named("POST /activities")));
        assertThat(hex(request.getParentSpanId())).isEqualTo(caller.span());
        var activity = awaitRecord(SandboxTopics.ACTIVITY, CUSTOMER, 1);
        assertThat(header(activity, "traceparent")).isEqualTo(writtenIn(request));

        Span decide = awaitSpan(of(caller).and(named("decide")));
        var offer = awaitRecord(SandboxTopics.OFFERS, CUSTOMER, 1);
        assertThat(decide.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(header(offer, "traceparent")).isEqualTo(writtenIn(decide));
        assertThat(attribute(decide, "nbo.outcome")).isEqualTo("offer");
        assertThat(attribute(decide, "nbo.decision.id"))
                .isEqualTo(TestTraffic.json(offer.value()).get("decision_id").asText());
        assertThat(attribute(decide, "messaging.destination.name")).isEqualTo(SandboxTopics.ACTIVITY);
        assertThat(attribute(decide, "messaging.destination.partition.id"))
                .isEqualTo(Integer.toString(activity.partition()));
        assertThat(attribute(decide, "messaging.kafka.offset")).isEqualTo(Long.toString(activity.offset()));

        Span batch = awaitSpan(named("batch activities").and(span -> span.getLinksList().stream()
                .anyMatch(link -> link.getSpanId().equals(request.getSpanId()))));
        assertThat(decide.getLinksList()).singleElement()
                .satisfies(link -> assertThat(link.getSpanId()).isEqualTo(batch.getSpanId()));
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(traces.spans().stream()
                .filter(span -> span.getParentSpanId().equals(batch.getSpanId())).map(Span::getName))
                .containsExactlyInAnyOrder("decode", "profiles", "decide", "prepare", "store", "commit"));
        assertThat(traces.spans().stream().filter(span -> span.getParentSpanId().equals(batch.getSpanId())))
                .allSatisfy(step -> assertThat(step.getEndTimeUnixNano())
                        .isBetween(batch.getStartTimeUnixNano(), batch.getEndTimeUnixNano() + 5_000_000));
    }

    @Test
    void propagatesATraceThatIsNotSampled() {
        var unsampled = new Caller(caller.trace(), caller.span(), "00");

        post(unsampled, CUSTOMER, 2);

        assertThat(header(awaitRecord(SandboxTopics.OFFERS, CUSTOMER, 2), "traceparent"))
                .startsWith("00-" + unsampled.trace() + "-").endsWith("-00");
        // A later span has arrived, so an earlier one would have arrived, too
        post(Caller.sampled(), CUSTOMER, 3);
        String later = header(awaitRecord(SandboxTopics.OFFERS, CUSTOMER, 3), "traceparent");
        awaitSpan(span -> writtenIn(span).equals(later));
        assertThat(traces.spans()).noneMatch(of(unsampled));
    }

    @Test
    void continuesTheTraceOfAParkedActivity() {
        int later = CUSTOMER + 1 + ThreadLocalRandom.current().nextInt(1_000_000);
        post(caller, later, 4);
        awaitSpan(of(caller).and(span -> attribute(span, "nbo.outcome").equals("parked")));

        sendAndAwait(later);

        var offer = awaitRecord(SandboxTopics.OFFERS, later, 4);
        Span released = awaitSpan(of(caller).and(span -> attribute(span, "nbo.outcome").equals("offer")));
        assertThat(header(offer, "traceparent")).isEqualTo(writtenIn(released));
        awaitSpan(named("release parked activities")
                .and(batch -> released.getLinks(0).getSpanId().equals(batch.getSpanId())));
    }

    @Test
    void keepsTheTraceOfADeadLetter() {
        var input = traffic.send(SandboxTopics.ACTIVITY, Integer.toString(CUSTOMER), "not JSON",
                "traceparent", caller.traceparent());

        assertThat(header(traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, input), "traceparent"))
                .isEqualTo(caller.traceparent());
        Span decide = awaitSpan(of(caller).and(span -> attribute(span, "nbo.outcome").equals("unreadable")));
        String batch = hex(decide.getLinks(0).getTraceId());
        JsonNode line = awaited(() -> log.lines().stream()
                .filter(one -> one.path("mdc").path("traceId").asText().equals(batch)).findFirst());
        assertThat(line.get("level").asText()).isEqualTo("WARN");
        assertThat(line.get("message").asText()).contains("dead-letter topic", "unreadable=1");
    }

    @Test
    void keepsIdsAndAddressesOutOfSpans() {
        caller.request().queryParam("customer", CUSTOMER).header("User-Agent", "bank-app-of-" + CUSTOMER).when()
                .get("/customers/" + CUSTOMER + "/offer");
        caller.request().when().get("/customers/" + CUSTOMER + "/nothing").then().statusCode(404);
        caller.request().when().get("/recommend/" + CUSTOMER);
        caller.request().when().get("/nothing/" + CUSTOMER).then().statusCode(404);
        post(caller, CUSTOMER, 5);

        awaitSpan(of(caller).and(named("decide")));
        assertThat(traces.spans().stream().filter(of(caller))).hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy(span -> assertThat(span.toString()).doesNotContain(Integer.toString(CUSTOMER))
                        .doesNotContain("127.0.0.1", "0:0:0:0:0:0:0:1"));
        assertThat(traces.spans().stream().filter(of(caller)).map(Span::getName))
                .contains("GET /customers/{id}/offer");
    }

    @Test
    void publishesATracedDecisionAsExemplar() {
        post(caller, CUSTOMER, 6);
        awaitSpan(of(caller).and(named("decide")));

        String metrics = given().baseUri(management.uri()).header("Accept", OPENMETRICS).when()
                .get("/q/metrics").then().statusCode(200).extract().asString();

        // The exemplar may be the trace of another recent test
        Matcher exemplar = Pattern.compile("nbo_decision_latency_seconds_bucket\\{.*} .* # \\{.*trace_id=\"(\\w+)\"")
                .matcher(metrics);
        assertThat(exemplar.find()).as(metrics).isTrue();
        assertThat(traces.spans().stream().map(span -> hex(span.getTraceId()))).contains(exemplar.group(1));
    }

    /** Some metrics exist only after the first event that they count. */
    @Test
    void publishesTheDocumentedMetrics() throws IOException {
        int later = CUSTOMER + 1 + ThreadLocalRandom.current().nextInt(1_000_000);
        post(caller, later, 7);
        sendAndAwait(later);
        awaitRecord(SandboxTopics.OFFERS, later, 7);
        traffic.send(SandboxTopics.ACTIVITY, Integer.toString(CUSTOMER), "not JSON");
        traffic.send(SandboxTopics.ACTIVITY, Integer.toString(CUSTOMER), """
                {"activity_id":8,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":2}"""
                .formatted(CUSTOMER));

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            String metrics = given().baseUri(management.uri()).when().get("/q/metrics").then().extract().asString();
            var missing = new TreeSet<String>();
            var documented = documentedMetrics();
            assertThat(documented).hasSizeGreaterThan(10);
            for (String metric : documented) {
                if (metrics.lines().noneMatch(line -> matches(metric, line))) {
                    missing.add(metric);
                }
            }
            assertThat(missing).as("documented in docs/operations.md, but missing in /q/metrics").isEmpty();
        });
    }

    /** Reads the first column of the table, in the form {@code name{tag,tag="value"}}. */
    private static List<String> documentedMetrics() throws IOException {
        String page = Files.readString(Path.of("docs/operations.md"));
        String table = page.substring(page.indexOf("\n## Metrics\n") + 1);
        return table.substring(0, table.indexOf("\n## ")).lines().filter(line -> line.startsWith("| `"))
                .flatMap(line -> Pattern.compile("`([^`]+)`").matcher(line.split("\\|")[1]).results())
                .map(found -> found.group(1)).toList();
    }

    private static boolean matches(String metric, String line) {
        String name = metric.replaceFirst("\\{.*", "");
        if (!line.matches(Pattern.quote(name) + "(_count|_bucket|_max)?[{ ].*")) {
            return false;
        }
        return metric.equals(name) || Pattern.compile("(\\w+)(=\"[^\"]*\")?").matcher(metric.substring(name.length()))
                .results().allMatch(tag -> line.contains(tag.group(2) == null ? tag.group(1) + "=\"" : tag.group()));
    }
}
