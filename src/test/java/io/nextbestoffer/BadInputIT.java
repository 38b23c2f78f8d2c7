package io.nextbestoffer;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxResource.Management;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** Unreadable records are sent to the dead-letter topic, and the valid records around them are processed. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class BadInputIT {

    private record Bad(byte[] key, byte[] value, String reason) {
    }

    @FromSandbox
    Management management;

    @FromSandbox
    TestTraffic traffic;

    @Test
    void sendsMalformedActivitiesToTheDeadLetterTopic() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":500}",
                "{\"customer_id\":500,\"income\":60000,\"fico\":700}");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> when().get("/customers/500/offer").then().body("type", is("no-offer-yet")));
        String good = "{\"activity_id\":%d,\"customer_id\":500,\"activity_type\":\"deposit\","
                + "\"propensity_to_buy\":0.5%s}";
        double before = undecidableCount("activity.propensity_to_buy", "stream");
        Map<String, Bad> bad = new LinkedHashMap<>();
        bad.put("not JSON", bad("500", "activity_id=1", "not JSON"));
        bad.put("empty", bad("500", "", "empty"));
        bad.put("null value", new Bad(utf8("500"), null, "null"));
        bad.put("array", bad("500", "[" + good.formatted(1, "") + "]", "not a JSON object but an array"));
        bad.put("missing customer id", bad(null, "{\"activity_id\":1,\"propensity_to_buy\":0.5}", "customer_id"));
        bad.put("missing activity id", bad("500", "{\"customer_id\":500,\"propensity_to_buy\":0.5}", "activity_id"));
        bad.put("wrong type of an attribute", bad("500", "{\"activity_id\":1,\"customer_id\":500,"
                + "\"activity_type\":\"deposit\",\"propensity_to_buy\":\"high\"}", "propensity_to_buy"));
        bad.put("value above its maximum", bad("500", good.formatted(1, "").replace("0.5", "5"),
                "activity.propensity_to_buy must be at most 1"));
        bad.put("value below its minimum", bad("500", good.formatted(1, "").replace("0.5", "-1"),
                "activity.propensity_to_buy must be at least 0"));
        bad.put("wrong type of the id",
                bad("500", "{\"activity_id\":1,\"customer_id\":{\"a\":1},\"propensity_to_buy\":0.5}", "customer_id"));
        bad.put("1 MB string", bad("500", good.formatted(1, ",\"note\":\"" + "x".repeat(1_000_000) + "\""), "length"));
        bad.put("unknown key format", new Bad(new byte[]{1, 2, 3}, utf8("{\"activity_id\":1}"), "key"));
        bad.put("wrong encoding",
                new Bad(utf8("500"), good.formatted(1, ",\"note\":\"é\"").getBytes(StandardCharsets.ISO_8859_1),
                        "UTF-8"));
        bad.put("UTF-16", new Bad(utf8("500"), good.formatted(1, "").getBytes(StandardCharsets.UTF_16BE), "UTF-8"));
        bad.put("Avro without a registry",
                new Bad(utf8("500"), new byte[]{0, 0, 0, 0, 1, 2, 2}, "nbo.registry.url"));
        bad.put("integer overflow", bad("500", good.formatted(1, ",\"n\":99999999999999999999"), "out of range"));
        bad.put("floating-point overflow", bad("500", good.formatted(1, ",\"n\":1e999"), "out of range"));

        assertDeadLetters(SandboxTopics.ACTIVITY, bad, number -> traffic.activity(500, number, "deposit", 0.5),
                position -> assertThat(traffic.awaitOffer(position).get("offer_id").asInt()).isEqualTo(3));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(
                () -> assertThat(undecidableCount("activity.propensity_to_buy", "stream")).isEqualTo(before + 3));
    }

    @Test
    void rejectsAndCountsPostedValuesOutsideTheirLimits() {
        double before = undecidableCount("activity.propensity_to_buy", "rest");

        given().contentType("application/json").body("""
                [{"activity_id": 1, "customer_id": 500, "activity_type": "deposit", "propensity_to_buy": 5},
                 {"activity_id": 2, "customer_id": 500, "activity_type": "deposit", "propensity_to_buy": -1}]""")
                .post("/activities").then().statusCode(400)
                .body("violations.field", contains("[0].propensity_to_buy", "[1].propensity_to_buy"))
                .body("violations.message", contains("activity.propensity_to_buy must be at most 1",
                        "activity.propensity_to_buy must be at least 0"));

        assertThat(undecidableCount("activity.propensity_to_buy", "rest")).isEqualTo(before + 2);
    }

    private double undecidableCount(String attribute, String source) {
        String metrics = get(management.uri() + "/q/metrics").then().statusCode(200).extract().asString();
        return metrics.lines().filter(line -> line.startsWith("nbo_undecidable_attributes_total{")
                && line.contains("\"" + attribute + "\"") && line.contains("\"" + source + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    @Test
    void sendsMalformedChangesToTheDeadLetterTopic() {
        String good = "{\"customer_id\":%d,\"income\":60000,\"fico\":700%s}";
        Map<String, Bad> bad = new LinkedHashMap<>();
        bad.put("not JSON", bad("600", "customer_id=600", "not JSON"));
        bad.put("empty", bad("600", "", "empty"));
        bad.put("array", bad("600", "[" + good.formatted(600, "") + "]", "not a JSON object but an array"));
        bad.put("scalar", bad("600", "42", "not a JSON object but a number"));
        bad.put("missing id", bad("{}", "{\"income\":1}", "customer_id"));
        bad.put("wrong type of the id", bad("600", "{\"customer_id\":[1],\"income\":1}", "customer_id"));
        bad.put("unknown operation", bad("600", "{\"op\":\"x\",\"after\":{\"customer_id\":600}}", "op"));
        bad.put("envelope without a row", bad("600", "{\"op\":\"u\",\"before\":{},\"after\":null}", "after"));
        bad.put("1 MB string",
                bad("600", good.formatted(600, ",\"note\":\"" + "x".repeat(1_000_000) + "\""), "length"));
        bad.put("unknown key format", new Bad(new byte[]{1, 2, 3}, utf8("{\"income\":1}"), "key"));
        bad.put("tombstone with an unknown key format", new Bad(new byte[]{1, 2, 3}, null, "key"));
        bad.put("wrong encoding", new Bad(utf8("600"),
                good.formatted(600, ",\"note\":\"é\"").getBytes(StandardCharsets.ISO_8859_1), "UTF-8"));
        bad.put("NUL", bad("600", good.formatted(600, ",\"note\":\"\\u0000\""), "NUL"));
        bad.put("envelope without op",
                bad("600", "{\"payload\":{\"before\":null,\"after\":{\"customer_id\":600,\"income\":1}}}",
                        "without op"));
        bad.put("another tool", bad("600", "{\"type\":\"delete\",\"data\":{\"customer_id\":600}}", "Maxwell"));
        bad.put("another table",
                bad("{\"account_id\":7}", "{\"op\":\"c\",\"after\":{\"account_id\":7,\"customer_id\":600},"
                        + "\"source\":{\"schema\":\"public\",\"table\":\"accounts\"}}", "the table public.accounts"));
        bad.put("key of two columns",
                bad("{\"customer_id\":600,\"branch\":\"A\"}", good.formatted(600, ""), "customer_id, branch"));
        bad.put("number overflow", bad("600", good.formatted(600, ",\"n\":1e999"), "out of range"));

        assertDeadLetters(SandboxTopics.CUSTOMERS, bad,
                number -> traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":" + (600 + number) + "}",
                        good.formatted(600 + number, "")),
                position -> {
                });

        for (int i = 0; i <= bad.size(); i++) {
            int id = 600 + i;
            await().atMost(Duration.ofSeconds(20)).untilAsserted(
                    () -> when().get("/customers/" + id + "/offer").then().body("type", is("no-offer-yet")));
        }
    }

    private interface Send {
        RecordPosition good(int number);
    }

    private interface Check {
        void good(RecordPosition position);
    }

    /** Sends a valid record, then each invalid one followed by a valid one. */
    private void assertDeadLetters(String topic, Map<String, Bad> bad, Send send, Check check) {
        List<RecordPosition> good = new ArrayList<>();
        good.add(send.good(0));
        Map<String, RecordPosition> positions = new LinkedHashMap<>();
        bad.forEach((name, record) -> {
            positions.put(name, traffic.send(topic, record.key(), record.value()));
            good.add(send.good(good.size()));
        });

        good.forEach(check::good);
        bad.forEach((name, record) -> {
            var letter = traffic.awaitDeadLetter(topic, positions.get(name));
            assertThat(TestTraffic.header(letter, "dead-letter-reason")).as(name).isIn("unreadable", "undecidable");
            assertThat(TestTraffic.header(letter, "dead-letter-cause")).as(name).contains(record.reason());
            assertThat(letter.key()).as(name).isEqualTo(record.key());
            if (record.value() == null || record.value().length < 1_000_000) {
                assertThat(letter.value()).as(name).isEqualTo(record.value());
            } else {
                assertThat(letter.value()).as(name).isNull();
                assertThat(TestTraffic.header(letter, "dead-letter-original-size")).as(name)
                        .isEqualTo(Integer.toString(record.value().length + record.key().length));
            }
        });
        assertThat(good).allSatisfy(position -> assertThat(traffic.findDeadLetter(topic, position)).isEmpty());
    }

    private static Bad bad(String key, String value, String reason) {
        return new Bad(key == null ? null : utf8(key), utf8(value), reason);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
