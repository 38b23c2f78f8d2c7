package io.nextbestoffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;

import org.apache.kafka.clients.producer.RecordMetadata;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.LoadPace;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.SandboxTopics;
import io.nextbestoffer.sandbox.TestTraffic;

/**
 * Sends activities of known customers at a constant rate, and checks that each has exactly one offer, in order.
 */
final class SteadyActivities implements AutoCloseable {

    private static final int FIRST_CUSTOMER = 10_000;
    private static final int CUSTOMERS = 1_000;
    private static final Duration SETTLING = Duration.ofSeconds(60);

    private final TestTraffic traffic;
    private final int perSecond;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "steady-load");
    private volatile boolean stopping;

    /** Starts to send. To be called once the service knows the customers: see {@link #sendCustomers}. */
    SteadyActivities(TestTraffic traffic, int perSecond) {
        this.traffic = traffic;
        this.perSecond = perSecond;
        thread.start();
    }

    static void sendCustomers(SandboxInfrastructure sandbox, TestTraffic traffic) {
        for (int customer = FIRST_CUSTOMER; customer < FIRST_CUSTOMER + CUSTOMERS; customer++) {
            traffic.sendAsync(SandboxTopics.CUSTOMERS, Integer.toString(customer).getBytes(UTF_8),
                    "{\"income\":60000,\"fico\":700}".getBytes(UTF_8));
        }
        await().atMost(SETTLING).until(() -> count(sandbox, "select count(*) from customer") >= CUSTOMERS);
    }

    static int count(SandboxInfrastructure sandbox, String sql) throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private void run() {
        Random random = new Random(11);
        LoadPace pace = LoadPace.fromNow(perSecond);
        for (int i = 0; !stopping; i++) {
            int customer = FIRST_CUSTOMER + random.nextInt(CUSTOMERS);
            var future = traffic.sendAsync(SandboxTopics.ACTIVITY, Integer.toString(customer).getBytes(UTF_8), """
                    {"activity_id":%d,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":0.5}"""
                    .formatted(i, customer).getBytes(UTF_8));
            synchronized (sent) {
                sent.add(future);
            }
            pace.awaitDue(i);
        }
    }

    int sent() {
        synchronized (sent) {
            return sent.size();
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Checks the offers of all activities sent. To be called after {@link #close}. */
    void assertExactlyOnce() throws Exception {
        var expected = new HashMap<String, RecordPosition>();
        for (var one : sent) {
            RecordPosition position = traffic.position(one.get());
            expected.put(position.decisionId().toString(), position);
        }
        await().atMost(SETTLING).pollInterval(Duration.ofMillis(500))
                .until(() -> traffic.committed(SandboxTopics.OFFERS).size() >= expected.size());

        Map<String, Integer> seen = new HashMap<>();
        Map<String, Long> lastOfCustomer = new HashMap<>();
        for (JsonNode offer : traffic.offers()) {
            String id = offer.get("decision_id").asText();
            assertThat(expected).containsKey(id);
            seen.merge(id, 1, Integer::sum);
            Long before = lastOfCustomer.put(offer.get("customer_id").asText(), expected.get(id).offset());
            assertThat(before == null || before < expected.get(id).offset()).as("order").isTrue();
        }
        assertThat(seen).hasSameSizeAs(expected);
        assertThat(seen.values()).allMatch(count -> count == 1);
        assertThat(traffic.committed(SandboxTopics.ACTIVITY_DEAD_LETTER)).isEmpty();
    }
}
