package io.nextbestoffer.history;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;

/**
 * Answers an auditor's question, "why was customer 820 offered savings last week?", through the API alone. The
 * customer, the rules and the offer have changed since.
 */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class AuditIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @FromSandbox
    TestTraffic traffic;

    @Test
    void explainsAPastDecisionByTheInputsOfThatTime() {
        // Given
        customer(120_000, 640);
        int version = traffic.awaitOffer(traffic.activity(820, 1, "deposit", 0.4)).get("strategy_version").asInt();
        String savings = when().get("/offers/1").then().extract().asString();
        customer(30_000, 820);
        int next = draftWithOtherRules(version);
        try {
            put(savings.replace("new_savings", "old_savings"));
            activate(next);
            await().atMost(TIMEOUT).untilAsserted(() -> assertThat(traffic
                    .awaitOffer(traffic.activity(820, 2, "deposit", 0.4)).get("strategy_version").asInt())
                    .isEqualTo(next));

            // When
            await().atMost(TIMEOUT).untilAsserted(() -> when().get("/customers/820/decisions").then().statusCode(200)
                    .body("decisions.strategy_version", hasItems(version, next)));
            String id = when().get("/customers/820/decisions").then().extract()
                    .path("decisions.findAll { it.activity_id == 1 }[0].decision_id");

            // Then
            when().get("/decisions/" + id + "/explanation").then().statusCode(200)
                    .body("decision.offer_name", is("new_savings")).body("decision.strategy_version", is(version))
                    .body("inputs.customer.income", is(120_000)).body("inputs.customer.fico", is(640))
                    .body("candidates.stage",
                            contains("chosen", "eligibility", "outranked", "eligibility", "outranked"))
                    .body("candidates[0].offer_name", is("new_savings"))
                    .body("candidates[0].comparisons.comparison", contains("customer.income > 100000",
                            "customer.fico < 700", "activity.propensity_to_buy < 0.9"))
                    .body("candidates[0].comparisons.values.'customer.income'", hasItem(120_000))
                    .body("would_change.find { it.attribute == 'customer.fico' }.to", is("at least 700"))
                    .body("would_change.find { it.attribute == 'customer.fico' }.offer_name", is("new_home_loan"));
            when().get("/customers/820/offer/explanation").then()
                    .body("candidates.offer_name", hasItem("old_savings"))
                    .body("candidates.rule", not(hasItem("auto-loan-for-high-income")));
            when().get("/strategies/banking/audit").then().statusCode(200).body(
                    "entries.find { it.action == 'activated' && it.version == " + next + " }.who", is("maria"));
        } finally {
            put(savings);
            marketer().contentType("application/json").body("{\"reason\":\"audit is over\"}")
                    .when().post("/strategies/banking/rollback").then().statusCode(200);
            // Other tests expect the version that was active before
            await().atMost(TIMEOUT).until(() -> traffic.awaitOffer(traffic.activity(820, 3, "deposit", 0.4))
                    .get("strategy_version").asInt() == version);
        }
    }

    private void customer(long income, long fico) {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":820}",
                "{\"customer_id\":820,\"income\":%d,\"fico\":%d}".formatted(income, fico));
        await().atMost(TIMEOUT).untilAsserted(() -> given().queryParam("after", "81").when().get("/customers").then()
                .body("customers.find { it.customer_id == 820 }.attributes.income", is((int) income)));
    }

    private static ValidatableResponse put(String offer) {
        return given().contentType("application/json").body(offer).when().put("/offers/1").then().statusCode(200);
    }

    private static RequestSpecification marketer() {
        return given().header("X-User", "maria");
    }

    private static int draftWithOtherRules(int version) {
        String document = when().get("/strategies/banking/versions/" + version + "/document").then().statusCode(200)
                .extract().asString();
        return marketer().contentType("application/yaml")
                .body(document.replace("auto-loan-for-high-income", "auto-loan").getBytes(StandardCharsets.UTF_8))
                .when().post("/strategies").then()
                .statusCode(201).extract().path("version");
    }

    private static void activate(int version) {
        marketer().contentType("application/json").body("{\"reason\":\"another name\"}").when()
                .post("/strategies/banking/versions/" + version + "/activate").then().statusCode(200);
    }
}
