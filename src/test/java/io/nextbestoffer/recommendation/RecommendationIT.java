package io.nextbestoffer.recommendation;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.ValidatableResponse;

/** Tests recommendations, as requested during onboarding and by relationship managers. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class RecommendationIT {

    private static final String ATTRIBUTES = """
            "age":35,"income":150000,"credit_score":780,"avg_account_balance":19250,
            "existing_products":["Wealth Management","Investment Account"]}""";
    private static final String C001 = "{\"customer_id\":\"C001\"," + ATTRIBUTES;

    @FromSandbox
    TestTraffic traffic;

    @BeforeEach
    void sendCustomers() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":\"C001\"}", C001);
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":\"C002\"}", """
                {"customer_id":"C002","age":17,"income":150000,"credit_score":"high","email":"x@example.com"}""");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> given().queryParam("after", "C0").when()
                .get("/customers").then().body("customers.customer_id", hasItems("C001", "C002")));
    }

    private static ValidatableResponse post(String path, String body) {
        return given().contentType("application/json").body(body).when().post(path).then();
    }

    private static void assertDocumented(ValidatableResponse answer) {
        answer.statusCode(200).contentType("application/json").body("customer_id", is("C001"))
                .body("recommended_products.product_name", contains("Premium Credit Card", "Business Expansion Loan"))
                .body("recommended_products.category", contains("credit", "commercial_loan"))
                .body("recommended_products.reason",
                        contains("High income and good credit score", "Strong income potential for business growth"))
                .body("recommended_products.confidence_score", contains(85.5f, 84.7f))
                .body("recommended_products.portfolio_gap", everyItem(is(true)))
                .body("total_recommendations", is(2));
    }

    /** PrivateBankingStrategyTest checks the arithmetic. */
    @Test
    void ranksTheDocumentedExample() {
        assertDocumented(when().get("/recommend/C001").then());
        assertDocumented(post("/recommend", C001));
        assertDocumented(post("/recommend/", C001));
        assertDocumented(post("/recommend", C001.replace("customer_id", "CUSTOMER_ID").replace("age", "Age")));
    }

    @Test
    void returnsANumericIdAsANumber() {
        post("/recommend", "{\"customer_id\":7," + ATTRIBUTES).statusCode(200).body("customer_id", is(7));
    }

    @Test
    void reportsEveryInvalidField() {
        post("/recommend", """
                {"age":17,"income":-1,"credit_score":299,"avg_account_balance":"much","existing_products":[true]}""")
                .statusCode(400).contentType("application/problem+json").body("type", is("invalid-input"))
                .body("violations.field", containsInAnyOrder("customer_id", "age", "income", "credit_score",
                        "avg_account_balance", "existing_products"))
                .body("violations.message", hasItems("customer_id is missing", "age must be at least 18",
                        "income must be at least 0", "credit_score must be at least 300",
                        "avg_account_balance must be a double, not a string",
                        "existing_products must be a list of strings, not of other values"));
        post("/recommend", "{\"customer_id\":\"C9\"}").statusCode(400).body("violations.message", hasItems(
                "age is missing", "income is missing", "credit_score is missing", "avg_account_balance is missing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "null", "{\"customer_id\":\"C1\",\"age\":1e999}", "{\"a\":1,\"A\":2}"})
    void rejectsBodiesThatAreNotACustomer(String body) {
        post("/recommend", body).statusCode(400).contentType("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource({"credit_score\":780, credit_score\":851", "age\":35, age\":121", "age\":35, age\":35.5",
            "income\":150000, income\":null"})
    void rejectsValuesOutsideTheirLimits(String right, String wrong) {
        post("/recommend", C001.replace(right, wrong)).statusCode(400).body("violations.size()", is(1));
    }

    @Test
    void rejectsUnknownCustomersAndIncompleteProfiles() {
        when().get("/recommend/C404").then().statusCode(404).contentType("application/problem+json")
                .body("type", is("customer-unknown"));
        when().get("/recommend/C002").then().statusCode(422).body("type", is("profile-incomplete"))
                .body("violations.field", containsInAnyOrder("age", "credit_score", "avg_account_balance"))
                .body("violations.message", hasItems("age must be at least 18", "avg_account_balance is missing"));
    }

    @Test
    void explainsEveryProduct() {
        for (ValidatableResponse answer : new ValidatableResponse[]{when().get("/recommend/C001/explanation").then(),
                post("/recommend/explanation", C001)}) {
            answer.statusCode(200)
                    .body("candidates.find { it.offer_id == 'premium-credit-card' }.stage", is("chosen"))
                    .body("candidates.find { it.offer_id == 'premium-credit-card' }.score.terms.points",
                            contains(40f, 16.25f, 19.25f, 10f))
                    .body("candidates.find { it.offer_id == 'wealth-management' }.stage", is("owned"))
                    .body("candidates.find { it.offer_id == 'retirement-account' }.stage", is("eligibility"))
                    .body("candidates.find { it.offer_id == 'retirement-account' }.comparisons",
                            hasItem(hasEntry("comparison", "customer.age >= offer.min_age")))
                    .body("would_change.attribute", hasItem("customer.credit_score"))
                    .body("inputs.customer.income", is(150000.0f));
        }
    }

    @Test
    void listsProductsWithTheirCriteria() {
        when().get("/products").then().statusCode(200)
                .body("product_name", hasItems("Premium Credit Card", "Business Expansion Loan", "new_home_loan"))
                .body("find { it.product_id == 'business-expansion-loan' }.attributes.min_income", is(80000))
                .body("find { it.product_id == 'business-expansion-loan' }.eligibility.strategy",
                        contains("private-banking"))
                .body("find { it.product_id == 'no-product' }.eligibility", not(hasItem(hasEntry("rule", "ranked"))));
        given().accept("application/json").when().get("/q/openapi").then()
                .body("paths.'/recommend'.post.summary",
                        is("Recommends products for the person described in the body, customer or not"));
    }
}
