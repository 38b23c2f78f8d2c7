package io.nextbestoffer.governance;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.restassured.response.ValidatableResponse;

/** Where a bank asks for four eyes; and what a restart finds. */
class SecondPersonIT {

    private static final Duration STARTING = Duration.ofSeconds(90);
    private static final Map<String, String> FOUR_EYES = Map.of("nbo.strategies.second-person-approval", "true");
    private static final String DOCUMENT = "strategy: banking\nrules: []\notherwise: 5\n";

    private static SandboxInfrastructure sandbox;

    @BeforeAll
    static void start() {
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    private static ServiceProcess startService(String log, Map<String, String> properties) {
        ServiceProcess service = sandbox.startService(log, 0, 0, properties);
        service.awaitReady(STARTING);
        return service;
    }

    private static ValidatableResponse act(ServiceProcess service, String user, String path) {
        return given().port(service.httpPort()).header("X-User", user).contentType("application/json")
                .body("{\"reason\": \"test\"}").when().post("/strategies/banking/" + path).then();
    }

    private static void awaitActive(ServiceProcess service, int version) {
        await().atMost(STARTING).untilAsserted(() -> given().port(service.httpPort()).when().get("/strategies").then()
                .body("find { it.strategy == 'banking' }.active", is(version)));
    }

    @Test
    void nobodyActivatesWhatOnlyItsAuthorHasSeenAndWhatIsActiveStaysSoAfterACrash() {
        ServiceProcess service = startService("first", FOUR_EYES);
        given().port(service.httpPort()).header("X-User", "ann").contentType("application/yaml")
                .body(DOCUMENT.getBytes(StandardCharsets.UTF_8)).when()
                .post("/strategies").then().statusCode(201).body("version", is(2));

        act(service, "bob", "versions/2/activate").statusCode(409).body("type", is("approval-missing"))
                .body("detail", containsString("ann"));
        act(service, "ann", "versions/2/approve").statusCode(409).body("type", is("own-version"));
        act(service, "bob", "versions/2/approve").statusCode(200);
        act(service, "ann", "versions/2/activate").statusCode(200);
        awaitActive(service, 2);

        service.kill();
        ServiceProcess again = startService("again", FOUR_EYES);
        awaitActive(again, 2);
        act(again, "ann", "rollback").statusCode(200).body("version", is(1));
        awaitActive(again, 1);
        again.stop();
    }

    @Test
    void aWrongConfigurationStopsTheStart() {
        assertStops("nbo.strategies.initial", "bankng",
                "nbo.strategies.initial names the strategy bankng, which does not ship: did you mean banking?");
        assertStops("nbo.strategies.max-age", "PT1M", "nbo.strategies.max-age (PT1M) must not exceed");
    }

    /** And says so in JSON, as containers do. */
    private static void assertStops(String property, String value, String message) {
        var properties = Map.of(property, value, "quarkus.log.console.json.enabled", "true");
        try (ServiceProcess service = sandbox.startService("stops", 0, 0, properties)) {
            assertThatThrownBy(() -> service.awaitReady(STARTING)).hasMessageContaining("the service ended with 1")
                    .hasMessageContaining(message).hasMessageContaining("\"level\":\"ERROR\"");
            assertThat(service.exitCode()).hasValue(1);
        }
    }
}
