package io.nextbestoffer.governance;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.platform.Roles;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxIssuer;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;

/** Requires a second person's approval, with actors identified by their tokens, and restarts the service. */
@OwnInfrastructure
class SecondPersonIT {

    private static final Duration STARTING = Duration.ofSeconds(90);
    private static final String DOCUMENT = "strategy: banking\nrules: []\notherwise: 5\n";

    private static SandboxInfrastructure sandbox;
    private static SandboxIssuer issuer;

    @BeforeAll
    static void start() {
        issuer = SandboxIssuer.start();
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
    }

    @AfterAll
    static void stop() {
        issuer.close();
        sandbox.close();
    }

    private static ServiceProcess startService(String log) {
        var properties = new HashMap<>(issuer.serviceProperties());
        properties.put("nbo.strategies.second-person-approval", "true");
        properties.put("nbo.security.open-documentation", "true");
        // As in the example for Keycloak in docs/security.md
        properties.put("quarkus.oidc.roles.role-claim-path", "resource_access/next-best-offer/roles");
        ServiceProcess service = sandbox.startService(log, 0, 0, properties);
        service.awaitReady(STARTING);
        return service;
    }

    /** A request with a token, and with a header that names another user, which the service must ignore. */
    private static RequestSpecification as(ServiceProcess service, String user) {
        return as(service, issuer.claims(user));
    }

    private static Map<String, Object> claims(String name, String subject) {
        Map<String, Object> claims = issuer.claims(name);
        claims.put("sub", subject);
        claims.values().removeIf(Objects::isNull);
        return claims;
    }

    private static RequestSpecification as(ServiceProcess service, Map<String, Object> claims) {
        claims.put("resource_access", Map.of("next-best-offer",
                Map.of("roles", List.of(Roles.MARKETER, Roles.APPROVER))));
        return given().port(service.httpPort())
                .header("X-User", "ann".equals(claims.get("preferred_username")) ? "bob" : "ann").auth()
                .oauth2(issuer.sign(claims));
    }

    private static ValidatableResponse act(ServiceProcess service, String user, String path) {
        return act(service, issuer.claims(user), path);
    }

    private static ValidatableResponse act(ServiceProcess service, Map<String, Object> claims, String path) {
        return as(service, claims).contentType("application/json")
                .body("{\"reason\": \"test\"}").when().post("/strategies/banking/" + path).then();
    }

    private static void awaitActive(ServiceProcess service, int version) {
        await().atMost(STARTING).untilAsserted(() -> as(service, "ann").when().get("/strategies").then()
                .body("find { it.strategy == 'banking' }.active", is(version)));
    }

    @Test
    void requiresASecondPersonsApprovalAndKeepsTheActiveVersionAfterACrash() {
        ServiceProcess service = startService("first");
        as(service, "ann").contentType("application/yaml")
                .body(DOCUMENT.getBytes(StandardCharsets.UTF_8)).when()
                .post("/strategies").then().statusCode(201).body("version", is(2));

        act(service, "bob", "versions/2/activate").statusCode(409).body("type", is("approval-missing"))
                .body("detail", containsString("ann"));
        act(service, "ann", "versions/2/approve").statusCode(409).body("type", is("own-version"));
        act(service, claims("Ann", "id-of-ann"), "versions/2/approve").statusCode(409).body("type", is("own-version"));
        act(service, claims("renamed", "id-of-ann"), "versions/2/approve").statusCode(409)
                .body("type", is("own-version"));
        act(service, claims("ANN", null), "versions/2/approve").statusCode(409).body("type", is("own-version"));
        act(service, "bob", "versions/2/approve").statusCode(200);
        act(service, "ann", "versions/2/activate").statusCode(200);
        awaitActive(service, 2);

        as(service, "ann").contentType("application/json")
                .body("{\"offer_name\": \"gold\", \"offer_url\": \"https://example.com/gold\"}").when()
                .put("/offers/gold").then().statusCode(201);
        as(service, "bob").when().get("/offers/gold/history").then().statusCode(200)
                .body("entries.who", contains("ann"));

        given().port(service.httpPort()).when().get("/q/openapi").then().statusCode(200);
        given().port(service.httpPort()).when().get("/q/swagger-ui/").then().statusCode(200);
        given().port(service.httpPort()).when().get("/strategies").then().statusCode(401);

        service.kill();
        ServiceProcess again = startService("again");
        awaitActive(again, 2);
        act(again, "ann", "rollback").statusCode(200).body("version", is(1));
        awaitActive(again, 1);
        again.stop();
    }

    @Test
    void stopsAtStartIfTheConfigurationIsInvalid() {
        assertStops("nbo.strategies.initial", "bankng",
                "nbo.strategies.initial names the strategy bankng, which does not ship with the service:"
                        + " did you mean banking?");
        assertStops("nbo.strategies.refresh", "PT5S",
                "nbo.strategies.refresh (PT5S) must be less than nbo.strategies.activation-delay");
    }

    /** With logs in JSON, as in containers, Quarkus still prints the cause of a failed start as text. */
    private static void assertStops(String property, String value, String message) {
        var properties = Map.of(property, value, "quarkus.log.console.json.enabled", "true");
        try (ServiceProcess service = sandbox.startService("stops", 0, 0, properties)) {
            assertThatThrownBy(() -> service.awaitReady(STARTING)).hasMessageContaining("the service ended with 1")
                    .hasMessageContaining(message);
            assertThat(service.exitCode()).hasValue(1);
            assertThat(sandbox.logs().resolve("stops.log")).content(StandardCharsets.ISO_8859_1)
                    .containsPattern("WARN.*nbo.security.enabled is false: no token is required");
        }
    }
}
