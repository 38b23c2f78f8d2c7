package io.nextbestoffer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/**
 * Follows the README's example of the sample bank: which activity gets which offer, and how changes in the bank affect
 * it.
 */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BankingIT {

    private record Sample(int activity, int customer, String type, double propensity, int offer) {
    }

    private static final List<Sample> SAMPLES = List.of(
            new Sample(1, 1, "branch_visit", 0.40, 1), new Sample(2, 2, "deposit", 0.56, 1),
            new Sample(3, 3, "web_open", 0.33, 1), new Sample(4, 1, "deposit", 0.41, 1),
            new Sample(5, 2, "deposit", 0.44, 1), new Sample(6, 3, "web_open", 0.33, 1),
            new Sample(7, 1, "mobile_open", 0.97, 5), new Sample(8, 2, "deposit", 0.83, 1),
            new Sample(9, 3, "deposit", 0.86, 1), new Sample(10, 1, "new_account", 0.14, 1),
            new Sample(8, 2, "deposit", 0.99, 5), new Sample(9, 3, "deposit", 0.78, 1),
            new Sample(10, 1, "new_account", 0.14, 1));

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    @Test
    @Order(1)
    void makesTheExpectedOffersForTheSampleActivities() {
        var positions = new ArrayList<RecordPosition>();
        for (Sample sample : SAMPLES) {
            positions.add(
                    traffic.activity(sample.customer(), sample.activity(), sample.type(), sample.propensity()));
        }

        for (int i = 0; i < SAMPLES.size(); i++) {
            JsonNode offer = traffic.awaitOffer(positions.get(i));
            assertThat(offer.get("offer_id").asInt()).as("activity %s", SAMPLES.get(i))
                    .isEqualTo(SAMPLES.get(i).offer());
            assertThat(offer.get("activity_id").isInt()).isTrue();
            assertThat(offer.get("customer_id").asInt()).isEqualTo(SAMPLES.get(i).customer());
            assertThat(offer.get("propensity_to_buy").asDouble()).isEqualTo(SAMPLES.get(i).propensity());
            assertThat(offer.get("activity_type").asText()).isEqualTo(SAMPLES.get(i).type());
        }
        JsonNode last = traffic.awaitOffer(positions.get(positions.size() - 1));
        assertThat(last.get("income").asInt()).isEqualTo(403646);
        assertThat(last.get("fico").asInt()).isEqualTo(465);
        assertThat(last.get("offer_url").asText()).isEqualTo("http://google.com.br/magnis/dis/parturient.json");
    }

    @Test
    @Order(2)
    void returnsAndExplainsTheLatestOffer() {
        await().untilAsserted(() -> when().get("/customers/1/offer").then().statusCode(200)
                .contentType("application/json").body("activity_id", is(10)).body("offer_name", is("new_savings"))
                .body("rule", is("savings-for-high-income")));
        when().get("/customers/1/offer/explanation").then().statusCode(200)
                .body("decision.activity_id", is(10))
                .body("inputs.customer.income", is(403646)).body("inputs.activity.propensity_to_buy", is(0.14f))
                .body("candidates.rule", contains("savings-for-high-income", "checking-for-low-income",
                        "home-loan-for-good-credit", "auto-loan-for-high-income", "otherwise"))
                .body("candidates.stage", contains("chosen", "eligibility", "eligibility", "eligibility", "outranked"))
                .body("candidates[0].comparisons.comparison", contains("customer.income > 100000",
                        "customer.fico < 700", "activity.propensity_to_buy < 0.9"))
                .body("candidates[2].comparisons[1].values.'customer.fico'", is(465))
                .body("would_change[0].attribute", is("customer.fico")).body("would_change[0].to", is("at least 700"))
                .body("would_change[0].offer_name", is("new_home_loan"));
        when().get("/customers/4711/offer").then().statusCode(404).contentType("application/problem+json")
                .body("type", is("customer-unknown"));
        given().queryParam("limit", 2).when().get("/customers").then().statusCode(200)
                .body("customers", hasSize(2)).body("customers.customer_id", hasItems(1, 2))
                .body("customers[0].attributes.first_name", is("Waylen")).body("next", is("2"));
        given().queryParam("limit", 2).queryParam("after", "2").when().get("/customers").then()
                .body("customers.customer_id", hasItems(3));
        given().queryParam("limit", 0).when().get("/customers").then().statusCode(400)
                .contentType("application/problem+json").body("violations[0].field", is("limit"));
    }

    @Test
    @Order(3)
    void decidesByTheProfileChangedInTheBank() throws SQLException {
        bank("update customers set fico = 720 where customer_id = 1");

        // Income above 100,000 and FICO at least 700: rule 1 no longer matches, rule 3 does
        await().atMost(Duration.ofSeconds(20)).untilAsserted(
                () -> assertThat(traffic.awaitOffer(traffic.activity(1, 20, "deposit", 0.5)).get("offer_id").asInt())
                        .isEqualTo(3));
        await().untilAsserted(() -> when().get("/customers/1/offer").then().body("fico", is(720)));
        // The explanation is based on the inputs of the decision, not on the changed profile
        bank("update customers set fico = 300 where customer_id = 1");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> given().queryParam("limit", 1).when()
                .get("/customers").then().body("customers[0].attributes.fico", equalTo(300)));
        when().get("/customers/1/offer/explanation").then().body("inputs.customer.fico", is(720));
    }

    @Test
    @Order(4)
    void erasesACustomerDeletedInTheBank() throws SQLException {
        when().get("/customers/3/offer").then().statusCode(200);

        bank("delete from customers where customer_id = 3");

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> when().get("/customers/3/offer").then()
                .statusCode(404).body("type", is("customer-unknown")));
        assertThat(nbo("select count(*) from latest_offer where customer_id = '3'")).isZero();
        RecordPosition activity = traffic.activity(3, 30, "deposit", 0.5);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(parked(activity)).isEqualTo(1));
        assertThat(traffic.findOffer(activity)).isEmpty();
    }

    @Test
    @Order(5)
    void makesOneOfferForAnActivityThatPrecedesItsCustomer() throws SQLException {
        RecordPosition first = traffic.activity(99, 40, "deposit", 0.95);
        RecordPosition second = traffic.activity(99, 41, "deposit", 0.5);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(parked(first) + parked(second)).isEqualTo(2));

        bank("insert into customers values (99, 'New', 'Comer', 'new@example.org', 'Female', 60000, 700)");

        assertThat(traffic.awaitOffer(first).get("offer_id").asInt()).isEqualTo(5);
        assertThat(traffic.awaitOffer(second).get("offer_id").asInt()).isEqualTo(3);
        List<Integer> order = traffic.offers().stream().filter(offer -> offer.get("customer_id").asInt() == 99)
                .map(offer -> offer.get("activity_id").asInt()).toList();
        assertThat(order).containsExactly(40, 41);
        await().untilAsserted(() -> when().get("/customers/99/offer").then().body("activity_id", is(41)));
        await().untilAsserted(() -> assertThat(parked(first) + parked(second)).isZero());
    }

    @Test
    @Order(6)
    void sendsErasedAndExpiredParkedActivitiesToTheDeadLetterTopic() throws SQLException {
        RecordPosition never = traffic.activity(98, 50, "deposit", 0.5);
        RecordPosition erased = traffic.activity(97, 51, "deposit", 0.5);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(parked(erased)).isEqualTo(1));

        // This customer was never in the bank's table; a tombstone has the same effect as a delete
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":97}", null);

        var letter = traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, erased);
        assertThat(TestTraffic.header(letter, "dead-letter-reason")).isEqualTo("customer-erased");
        assertThat(letter.value()).isNull();
        assertThat(letter.key()).isNull();
        letter = traffic.awaitDeadLetter(SandboxTopics.ACTIVITY, never);
        assertThat(TestTraffic.header(letter, "dead-letter-reason")).isEqualTo("customer-unknown");
        assertThat(TestTraffic.json(letter.value()).get("activity_id").asInt()).isEqualTo(50);
    }

    @Test
    @Order(7)
    void erasesAllCustomersOnATruncateInTheBank() throws SQLException {
        when().get("/customers/2/offer").then().statusCode(200);

        bank("truncate customers");

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> when().get("/customers/2/offer").then()
                .statusCode(404).body("type", is("customer-unknown")));
        assertThat(nbo("select count(*) from customer where lsn is not null and attributes is not null")).isZero();
        assertThat(nbo("select count(*) from latest_offer where customer_id in ('1', '2', '99')")).isZero();
        bank("insert into customers values (2, 'Joell', 'Wilshin', 'j@example.org', 'Female', 40000, 624)");
        assertThat(traffic.awaitOffer(traffic.activity(2, 60, "deposit", 0.5)).get("offer_id").asInt()).isEqualTo(2);
    }

    private long parked(RecordPosition position) throws SQLException {
        return nbo("select count(*) from parked_activity where topic_partition = " + position.partition()
                + " and topic_offset = " + position.offset());
    }

    private long nbo(String query) throws SQLException {
        return Long.parseLong(sandbox.postgres().textFromNbo(query));
    }

    private void bank(String statement) throws SQLException {
        sandbox.postgres().executeInBank(statement);
    }
}
