package io.nextbestoffer.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;

/** Starts operations over REST and waits for their end. */
public final class OperationCalls {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Set<String> ACTIVE = Set.of("queued", "running", "paused");

    private final Supplier<RequestSpecification> requests;

    /** @param requests creates requests to a replica */
    public OperationCalls(Supplier<RequestSpecification> requests) {
        this.requests = requests;
    }

    /** @return id of the operation */
    public String start(String path) {
        return requests.get().when().post(path).then().statusCode(202).extract().path("id");
    }

    public JsonPath find(String id) {
        return requests.get().when().get("/operations/" + id).then().statusCode(200).extract().jsonPath();
    }

    /** Starts an operation, and returns it in its final state, whichever that is. */
    public JsonPath runToEnd(String path) {
        return awaitEnd(start(path));
    }

    /** Starts an operation that must succeed, and returns it in the state done. */
    public JsonPath run(String path) {
        return awaitDone(start(path));
    }

    public JsonPath awaitEnd(String id) {
        return await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(100)).until(() -> find(id),
                operation -> !ACTIVE.contains(operation.getString("state")));
    }

    public JsonPath awaitDone(String id) {
        JsonPath ended = awaitEnd(id);
        assertThat(ended.getString("state")).as(ended.prettify()).isEqualTo("done");
        return ended;
    }

    /** Waits until an operation is in this state. */
    public JsonPath awaitState(String id, String state) {
        return await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(100)).until(() -> find(id),
                operation -> state.equals(operation.getString("state")));
    }
}
