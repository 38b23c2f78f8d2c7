package io.nextbestoffer.customer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.sql.SQLException;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;

/**
 * Tests, with a real Debezium, values that Postgres stores out of line (TOAST) and does not send when another column
 * changes.
 */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class MissingAttributesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int CUSTOMER = 1901;
    /** Number of products: about 13 kB, enough for Postgres to store them out of line. */
    private static final int PRODUCTS = 400;

    @FromSandbox
    SandboxInfrastructure sandbox;

    @Test
    void keepsValuesThatPostgresDidNotSend() throws SQLException {
        // Given
        bank("""
                insert into customers (customer_id, age, income, credit_score, avg_account_balance, existing_products)
                select %d, 35, 150000, 780, 19250,
                    array_prepend('Investment Account', array(select md5(i::text) from generate_series(2, %d) i))
                """.formatted(CUSTOMER, PRODUCTS));
        await().atMost(TIMEOUT).untilAsserted(() -> customer().body("income", is(150_000)));
        // Loads the customer into the cache
        when().get("/recommend/" + CUSTOMER).then().statusCode(200);

        // When
        bank("update customers set income = 151000 where customer_id = " + CUSTOMER);

        // Then
        await().atMost(TIMEOUT).untilAsserted(() -> customer().body("income", is(151_000)));
        customer().body("existing_products", hasSize(PRODUCTS)).body("existing_products[0]", is("Investment Account"));
        when().get("/recommend/" + CUSTOMER).then().statusCode(200);
        assertThat(reread().getInt("result.repaired")).isZero();

        // When: a service that has not seen the insert, because the topic was compacted
        nbo("delete from customer where customer_id = '" + CUSTOMER + "'");
        bank("update customers set income = 152000 where customer_id = " + CUSTOMER);

        // Then
        await().atMost(TIMEOUT).untilAsserted(() -> customer().body("income", is(152_000)));
        customer().body("$", not(hasKey("existing_products")));

        // When: the topic still has the insert
        assertThat(reread().getInt("result.repaired")).isOne();

        // Then
        customer().body("existing_products", hasSize(PRODUCTS)).body("income", is(152_000));
        assertThat(reread().getInt("result.repaired")).isZero();
        bank("delete from customers where customer_id = " + CUSTOMER);
    }

    /** Returns the attributes of the customer. */
    private static ValidatableResponse customer() {
        return given().queryParam("limit", 1).queryParam("after", CUSTOMER - 1).when().get("/customers").then()
                .body("customers[0].customer_id", is(CUSTOMER)).rootPath("customers[0].attributes");
    }

    private static JsonPath reread() {
        String id = when().post("/operations/customers/reread").then().statusCode(202).extract().path("id");
        return await().atMost(TIMEOUT)
                .until(() -> when().get("/operations/" + id).then().extract().jsonPath(),
                        operation -> "done".equals(operation.getString("state")));
    }

    private void bank(String statement) throws SQLException {
        sandbox.postgres().executeInBank(statement);
    }

    private void nbo(String statement) throws SQLException {
        sandbox.postgres().executeInNbo(statement);
    }
}
