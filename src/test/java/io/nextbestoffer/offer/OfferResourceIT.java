package io.nextbestoffer.offer;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxResource;
import io.nextbestoffer.sandbox.SandboxResource.FromSandbox;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.ValidatableResponse;

/** Manages the catalog over REST. Each test leaves the sample bank's offers, 1 to 5, as they were. */
@QuarkusIntegrationTest
@WithTestResource(SandboxResource.class)
class OfferResourceIT {

    private static final String GOLD = """
            {"offer_name":"gold","offer_url":"https://example.com/gold","category":"savings",
            "valid_from":"2026-01-01T00:00:00.5Z","valid_until":"2027-01-01T01:00:00+01:00",
            "attributes":{"min_income":50000,"rate":1e20,"vip":true,"tags":["a","b"],"channel":"app"}}""";
    private static final String PLAIN = "{\"offer_name\":\"plain\",\"offer_url\":\"http://example.com\"}";

    @FromSandbox
    SandboxInfrastructure sandbox;

    @FromSandbox
    TestTraffic traffic;

    private String third;

    @BeforeEach
    void saveCatalog() throws SQLException {
        execute("create table offer_before as select offer_id from offer");
        third = when().get("/offers/3").then().statusCode(200).extract().asString();
    }

    @AfterEach
    void restoreCatalog() throws SQLException {
        execute("delete from offer_use where offer_id not in (select offer_id from offer_before)");
        execute("delete from offer where offer_id not in (select offer_id from offer_before)");
        execute("drop table offer_before");
        put("3", third).statusCode(200);
    }

    private void execute(String sql) throws SQLException {
        sandbox.postgres().executeInNbo(sql);
    }

    private static ValidatableResponse put(String id, String body) {
        return given().contentType("application/json").body(body).when().put("/offers/{id}", id).then();
    }

    private static ValidatableResponse putAs(String user, String id, String body) {
        return given().header("X-User", user).contentType("application/json").body(body).when()
                .put("/offers/{id}", id).then();
    }

    private static ValidatableResponse history(String id) {
        return when().get("/offers/{id}/history", id).then();
    }

    private static ValidatableResponse get(String id) {
        return when().get("/offers/{id}", id).then();
    }

    @Test
    void createsAnOffer() {
        String created = put("gold", GOLD).statusCode(201).contentType("application/json")
                .header("Location", endsWith("/offers/gold"))
                .body("offer_id", is("gold")).body("offer_name", is("gold"))
                .body("offer_url", is("https://example.com/gold")).body("category", is("savings"))
                .body("valid_from", is("2026-01-01T00:00:00.500Z")).body("valid_until", is("2027-01-01T00:00:00Z"))
                .body("attributes.min_income", is(50000)).body("attributes.vip", is(true))
                .body("attributes.tags", contains("a", "b")).body("attributes.channel", is("app"))
                .extract().asString();

        assertThat(created).contains("\"rate\":1.0E20");
        assertThat(get("gold").statusCode(200).extract().asString()).isEqualTo(created);
        assertThat(when().get("/offers").then().extract().asString()).contains(created);
        when().get("/offers?category=savings").then().statusCode(200).body("offer_id", hasItem("gold"))
                .body("category", everyItem(is("savings")));
    }

    @Test
    void replacesAnOfferAsAWhole() {
        put("gold", GOLD).statusCode(201);

        put("gold", PLAIN).statusCode(200).header("Location", nullValue()).body("offer_name", is("plain"))
                .body("category", nullValue()).body("valid_from", nullValue()).body("valid_until", nullValue())
                .body("attributes", anEmptyMap());

        get("gold").body("offer_name", is("plain")).body("attributes", anEmptyMap());
        assertThat(put("3", third).statusCode(200).extract().asString())
                .as("the response of GET is a valid body of PUT")
                .isEqualTo(third);
    }

    @Test
    void returnsAnIdOfDigitsAsANumber() {
        put("77", PLAIN.replace("{", "{\"offer_id\":77,")).statusCode(201).body("offer_id", is(77));
        put("077", PLAIN.replace("{", "{\"offer_id\":\"077\",")).statusCode(201).body("offer_id", is("077"));
        put("78", PLAIN.replace("{", "{\"offer_id\":77,")).statusCode(400).body("violations.field",
                contains("offer_id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "ä€𝄞", "..a", "%", "a?b#c", "<script>", "'; drop table offer; --"})
    void acceptsAnyTextAsAnId(String id) {
        String location = put(id, PLAIN).statusCode(201).body("offer_id", is(id)).extract().header("Location");

        given().urlEncodingEnabled(false).when().get(location).then().statusCode(200).body("offer_id", is(id));
        when().delete("/offers/{id}", id).then().statusCode(204);
        get(id).statusCode(404);
    }

    @Test
    void listsAllViolationsAndStoresNothing() {
        put("gold", "{\"offer_nmae\":\"x\",\"category\":7,\"attributes\":{\"a\":{}}}").statusCode(400)
                .contentType("application/problem+json").body("type", is("invalid-input"))
                .body("violations.field",
                        contains("offer_nmae", "offer_name", "offer_url", "category", "attributes.a"))
                .body("violations[0].message", containsString("did you mean offer_name?"));
        put("gold", "{\"offer_name\":\"\\u0000\"}").statusCode(400).body("violations[0].message",
                containsString("NUL"));
        put("gold", "").statusCode(400);
        put("a\0b", PLAIN).statusCode(400);
        put("x".repeat(257), PLAIN).statusCode(400);
        given().contentType("text/plain").body(PLAIN).when().put("/offers/gold").then().statusCode(415);

        get("gold").statusCode(404).contentType("application/problem+json").body("type", is("offer-unknown"));
        given().queryParam("category", "a\0b").when().get("/offers").then().statusCode(400);
    }

    /** GET /offers/stream is the live stream, so an offer with this id could not be read. */
    @Test
    void rejectsAnOfferWithTheIdStream() {
        put("stream", PLAIN).statusCode(405);
    }

    @ParameterizedTest
    @CsvSource({"get,gold", "get,007", "delete,gold"})
    void answers404ForAnUnknownOffer(String method, String id) {
        when().request(method, "/offers/{id}", id).then().statusCode(404).contentType("application/problem+json")
                .body("type", is("offer-unknown"));
    }

    @Test
    void deletesAnOffer() {
        put("gold", GOLD).statusCode(201);

        when().delete("/offers/gold").then().statusCode(204);

        get("gold").statusCode(404);
        when().delete("/offers/gold").then().statusCode(404);
    }

    @Test
    void rejectsDeletingAnOfferThatActiveStrategiesName() throws SQLException {
        put("gold", GOLD).statusCode(201);
        execute("""
                insert into offer_use values ('gold', 'summer', 3, null),
                    ('gold', 'banking', 12, now() + interval '1 hour'),
                    ('gold', 'winter', 1, now() - interval '1 second')
                """);

        when().delete("/offers/gold").then().statusCode(409).contentType("application/problem+json")
                .body("type", is("offer-in-use"))
                .body("detail", is("Offer gold is named by banking version 12, summer version 3."))
                .body("strategies.strategy", contains("banking", "summer"))
                .body("strategies.version", contains(12, 3));
        get("gold").statusCode(200);

        execute("update offer_use set until = now() where offer_id = 'gold'");
        when().delete("/offers/gold").then().statusCode(204);
    }

    @Test
    void recordsWhoChangedAnOffer() throws SQLException {
        // When
        putAs("maria", "audited", GOLD).statusCode(201);
        putAs("maria", "audited", GOLD).statusCode(200);
        putAs("paul", "audited", PLAIN).statusCode(200);
        execute("update offer set category = 'by SQL' where offer_id = 'audited'");
        given().header("X-User", "ann").when().delete("/offers/audited").then().statusCode(204);
        put("audited", PLAIN).statusCode(201);

        // Then
        var history = history("audited").statusCode(200).contentType("application/json").body("offer_id", is("audited"))
                .body("next", nullValue())
                .body("entries.action", contains("created", "deleted", "replaced", "replaced", "created"))
                .body("entries.who", contains(null, "ann", null, "paul", "maria"))
                .body("entries.when", everyItem(matchesPattern("20\\d\\d-.*Z")))
                .body("entries[0].offer.offer_name", is("plain")).body("entries[1].offer", nullValue())
                .body("entries[2].offer.category", is("by SQL")).body("entries[3].offer.category", nullValue())
                .body("entries[4].offer.attributes.tags", contains("a", "b"))
                .body("entries[4].previous_revision", nullValue());
        List<Integer> revisions = history.extract().path("entries.revision");
        assertThat(revisions).isSortedAccordingTo(Comparator.reverseOrder()).doesNotHaveDuplicates();
        assertThat(history.extract().<List<Integer>>path("entries.previous_revision")).startsWith(
                revisions.subList(1, revisions.size()).toArray(Integer[]::new));
    }

    @Test
    void pagesThroughTheHistoryOfAnOffer() {
        putAs("maria", "paged", GOLD).statusCode(201);
        putAs("paul", "paged", PLAIN).statusCode(200);
        putAs("ann", "paged", GOLD).statusCode(200);

        int next = given().queryParam("limit", 2).when().get("/offers/paged/history").then().statusCode(200)
                .body("entries.who", contains("ann", "paul")).extract().path("next");
        given().queryParam("limit", 2).queryParam("before", next).when().get("/offers/paged/history").then()
                .statusCode(200).body("entries.who", contains("maria")).body("entries.action", contains("created"))
                .body("next", nullValue());
    }

    @Test
    void returnsTheHistoryOfADeletedOfferButNotOfAnUnknownOne() {
        putAs("maria", "gone", PLAIN).statusCode(201);
        given().header("X-User", "paul").when().delete("/offers/gone").then().statusCode(204);

        history("gone").statusCode(200).body("entries.action", hasItems("deleted", "created"));
        history("never-existed").statusCode(404).body("type", is("offer-unknown"));
        given().queryParam("limit", 0).when().get("/offers/gone/history").then().statusCode(400);
    }

    @Test
    void recordsNothingForARejectedChange() {
        List<Integer> before = history("1").extract().path("entries.revision");

        putAs("maria", "rejected", "{}").statusCode(400);
        given().header("X-User", "maria").when().delete("/offers/1").then().statusCode(409);

        history("rejected").statusCode(404);
        history("1").statusCode(200).body("entries.revision", equalTo(before));
    }

    @Test
    void decidesWithAChangedOfferWithinSeconds() {
        traffic.send(SandboxTopics.CUSTOMERS, "{\"customer_id\":810}",
                "{\"customer_id\":810,\"income\":60000,\"fico\":700}");
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> given().queryParam("after", "809").when()
                .get("/customers").then().body("customers.customer_id", hasItem(810)));
        assertThat(offerName()).isEqualTo("new_home_loan");

        put("3", third.replace("new_home_loan", "better_home_loan")).statusCode(200);

        await().atMost(Duration.ofSeconds(5)).until(this::offerName, equalTo("better_home_loan")::matches);
        assertThat(get("3").extract().<String>path("offer_name")).isEqualTo("better_home_loan");
    }

    private String offerName() {
        return traffic.awaitOffer(traffic.activity(810, 1, "deposit", 0.5)).get("offer_name").asText();
    }
}
