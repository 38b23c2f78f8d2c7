package io.nextbestoffer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** Reads every shape of keys and changes, mixed in one topic, and ignores late changes. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class WireShapesIT {

    /** Added to LSNs and times, so that they are later than those of a truncate in the sandbox's own bank. */
    private static final long AHEAD = 9_000_000_000_000L;

    @FromSandbox
    TestTraffic traffic;

    @Test
    void readsChangesInEveryShape() {
        String row = "{\"customer_id\":%s,\"income\":60000,\"fico\":700}";
        String envelope = "{\"op\":\"c\",\"before\":null,\"after\":" + row
                + ",\"source\":{\"lsn\":9000000000100,\"ts_ms\":9000000001000}}";
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":701}", envelope.formatted("701"));
        traffic.send(SandboxTopics.CUSTOMERS, "{\"schema\":{},\"payload\":{\"customer_id\":702}}",
                "{\"schema\":{},\"payload\":" + envelope.formatted("702") + "}");
        traffic.send(SandboxTopics.CUSTOMERS, "703",
                "{\"CUSTOMER_ID\":703,\"INCOME\":60000,\"FICO\":700,\"__deleted\":\"false\","
                        + "\"__op\":\"u\",\"__lsn\":9000000000100}");
        traffic.send(SandboxTopics.CUSTOMERS, bytes(704), utf8("{\"INCOME\":60000,\"FICO\":700}"));
        traffic.send(SandboxTopics.CUSTOMERS, ByteBuffer.allocate(8).putLong(705).array(),
                utf8("{\"INCOME\":60000,\"FICO\":700}"));
        traffic.send(SandboxTopics.CUSTOMERS, "\"C706\"", row.formatted("\"C706\""));
        traffic.send(SandboxTopics.CUSTOMERS, "C707", "{\"income\":60000,\"fico\":700}");

        for (String id : List.of("701", "702", "703", "704", "705", "C706", "C707")) {
            awaitKnown(id);
            RecordPosition activity = id.startsWith("C")
                    ? traffic.send(SandboxTopics.ACTIVITY, id, "{\"activity_id\":\"a\",\"customer_id\":\"" + id
                            + "\",\"activity_type\":\"deposit\",\"propensity_to_buy\":0.5}")
                    : traffic.activity(Long.parseLong(id), 1, "deposit", 0.5);
            JsonNode offer = traffic.awaitOffer(activity);
            assertThat(offer.get("offer_id").asInt()).as(id).isEqualTo(3);
            assertThat(offer.get("customer_id").asText()).isEqualTo(id);
            // Ids are written as numbers if they were read as numbers, otherwise as strings
            assertThat(offer.get("customer_id").isNumber()).as(id).isEqualTo(!id.startsWith("C"));
        }

        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":701}", "{\"op\":\"d\",\"before\":{\"customer_id\":701},"
                + "\"after\":null,\"source\":{\"lsn\":9000000000200,\"ts_ms\":9000000002000}}");
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":701}", null);
        traffic.send(SandboxTopics.CUSTOMERS, "703",
                "{\"customer_id\":703,\"__deleted\":\"true\",\"__lsn\":9000000000200}");
        traffic.send(SandboxTopics.CUSTOMERS, bytes(704), null);
        for (String id : List.of("701", "703", "704")) {
            await().atMost(Duration.ofSeconds(20)).untilAsserted(
                    () -> when().get("/customers/" + id + "/offer").then().statusCode(404)
                            .body("type", is("customer-unknown")));
        }
    }

    @Test
    void readsActivitiesWithTheCustomerInTheKey() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":710}",
                "{\"customer_id\":710,\"income\":60000,\"fico\":700}");
        awaitKnown("710");
        String value = "{\"ACTIVITY_ID\":%d,\"ACTIVITY_TYPE\":\"deposit\",\"PROPENSITY_TO_BUY\":0.5}";

        List<RecordPosition> positions = List.of(
                traffic.send(SandboxTopics.ACTIVITY, utf8("710"), utf8(value.formatted(1))),
                traffic.send(SandboxTopics.ACTIVITY, utf8("{\"CUSTOMER_ID\":710}"), utf8(value.formatted(2))),
                traffic.send(SandboxTopics.ACTIVITY, bytes(710), utf8(value.formatted(3))),
                traffic.send(SandboxTopics.ACTIVITY, ByteBuffer.allocate(8).putLong(710).array(),
                        utf8(value.formatted(4))));

        for (int i = 0; i < positions.size(); i++) {
            JsonNode offer = traffic.awaitOffer(positions.get(i));
            assertThat(offer.get("customer_id").isInt()).isTrue();
            assertThat(offer.get("customer_id").asInt()).isEqualTo(710);
            assertThat(offer.get("activity_id").asInt()).isEqualTo(i + 1);
        }
    }

    @Test
    void ignoresOlderChanges() {
        change(720, "u", 60000, 200, 2000);
        awaitIncome("720", 60000);

        // A replayed change: LSN and time are both older
        change(720, "u", 10000, 100, 1000);
        // After a restore of the bank's database, LSNs go backwards but time does not
        change(721, "u", 60000, 200, 2000);
        change(721, "u", 70000, 50, 3000);
        awaitIncome("721", 70000);
        assertIncome("720", 60000);

        // An older update does not restore a deleted customer
        change(720, "d", 0, 300, 3000);
        change(720, "u", 10000, 250, 2500);
        change(722, "c", 1, 1, 1);
        awaitIncome("722", 1);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> when().get("/customers/720/offer").then().statusCode(404).body("type", is("customer-unknown")));
        change(720, "c", 80000, 400, 4000);
        awaitIncome("720", 80000);
    }

    private void change(int id, String op, int income, long lsn, long time) {
        String row = "{\"customer_id\":" + id + ",\"income\":" + income + ",\"fico\":700}";
        String rows = op.equals("d") ? "\"before\":" + row + ",\"after\":null" : "\"before\":null,\"after\":" + row;
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":" + id + "}", "{\"op\":\"" + op + "\"," + rows
                + ",\"source\":{\"lsn\":" + (AHEAD + lsn) + ",\"ts_ms\":" + (AHEAD + time) + "}}");
    }

    private static void awaitKnown(String id) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> when().get("/customers/" + id + "/offer").then().body("type", is("no-offer-yet")));
    }

    private static void awaitIncome(String id, int income) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertIncome(id, income));
    }

    private static void assertIncome(String id, int income) {
        String before = id.substring(0, id.length() - 1) + (char) (id.charAt(id.length() - 1) - 1);
        given().queryParam("limit", 1).queryParam("after", before).when().get("/customers").then()
                .body("customers[0].customer_id", is(Integer.parseInt(id)))
                .body("customers[0].attributes.income", is(income));
    }

    private static byte[] bytes(int key) {
        return ByteBuffer.allocate(4).putInt(key).array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
