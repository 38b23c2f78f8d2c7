package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/** Changes a strategy under load: two replicas, a thousand activities per second. */
@Isolated
class StrategyChangeIT {

    private static final int RATE = Integer.getInteger("change.rate", 1_000);
    private static final Duration STARTING = Duration.ofSeconds(120);
    private static final Duration SWITCH_TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void decidesByTheNewVersionOnEveryReplicaWithinFiveSeconds() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new TestTraffic(sandbox.kafka());
                var one = replica(sandbox, "one");
                var two = replica(sandbox, "two")) {
            // Given
            SteadyActivities.sendCustomers(sandbox, traffic);
            Instant activated;
            try (var load = new SteadyActivities(traffic, RATE)) {
                await().atMost(STARTING).until(() -> traffic.committed(SandboxTopics.OFFERS).size() > 3 * RATE);
                String document = send(one, "GET", "/strategies/banking/versions/1/document", null);

                // When
                JsonNode draft = TestTraffic.json(send(one, "POST", "/strategies",
                        document.replace("offer: 3", "offer: 1")).getBytes());
                assertThat(draft.get("version").asInt()).isEqualTo(2);
                send(one, "POST", "/strategies/banking/versions/2/activate", "{\"reason\":\"savings week\"}");
                activated = Instant.now();
                Thread.sleep(SWITCH_TIMEOUT.plusSeconds(5).toMillis());
                load.close();

                // Then
                load.assertExactlyOnce();
            }
            assertSwitched(traffic, activated, 1, 2);

            // The other replica rolls back
            try (var load = new SteadyActivities(traffic, 100)) {
                send(two, "POST", "/strategies/banking/rollback", "{\"reason\":\"savings week is over\"}");
                await().atMost(SWITCH_TIMEOUT.multipliedBy(2)).untilAsserted(() -> {
                    var offers = traffic.offers();
                    assertThat(offers.get(offers.size() - 1).get("strategy_version").asInt()).isEqualTo(1);
                });
            }
        }
    }

    /** No partition returns to the old version, and five seconds after the activation all use the new one. */
    private static void assertSwitched(TestTraffic traffic, Instant activated, int before, int after) {
        Map<Integer, Integer> versionOfPartition = new HashMap<>();
        Map<Integer, Integer> count = new LinkedHashMap<>();
        Instant lastOld = Instant.EPOCH;
        Instant firstNew = Instant.MAX;
        for (var record : traffic.committed(SandboxTopics.OFFERS)) {
            JsonNode offer = TestTraffic.json(record.value());
            int version = offer.get("strategy_version").asInt();
            Instant decided = Instant.parse(offer.get("decided_at").asText());
            Integer last = versionOfPartition.put(record.partition(), version);
            assertThat(last == null || last <= version).as("partition %d", record.partition()).isTrue();
            assertThat(offer.get("offer_id").asInt()).isEqualTo(version == before ? 3 : 1);
            count.merge(version, 1, Integer::sum);
            lastOld = version == before && decided.isAfter(lastOld) ? decided : lastOld;
            firstNew = version == after && decided.isBefore(firstNew) ? decided : firstNew;
        }
        System.out.printf("activated at %s: first decided by the new version %d ms after, last by the old one %d ms"
                + " after; decisions by version %s%n", activated, Duration.between(activated, firstNew).toMillis(),
                Duration.between(activated, lastOld).toMillis(), count);
        assertThat(versionOfPartition.values()).hasSize(6).containsOnly(after);
        assertThat(lastOld).isBefore(activated.plus(SWITCH_TIMEOUT));
        assertThat(count.get(before)).isPositive();
    }

    private static ServiceProcess replica(SandboxInfrastructure sandbox, String name) {
        ServiceProcess replica = sandbox.startService(name, 0, 0, Map.of("nbo.stream.instance", name));
        replica.awaitReady(STARTING);
        return replica;
    }

    private String send(ServiceProcess replica, String method, String path, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + replica.httpPort() + path))
                .header("X-User", "marketer")
                .header("Content-Type", path.equals("/strategies") ? "application/yaml" : "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as("%s %s: %s", method, path, response.body()).isBetween(200, 299);
        return response.body();
    }
}
