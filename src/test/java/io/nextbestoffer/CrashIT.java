package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.Topics;
import io.nextbestoffer.sandbox.Traffic;
import io.nextbestoffer.stream.Position;

/** Every activity becomes exactly one offer, in order, although the service is killed in the middle. */
class CrashIT {

    private static final int RATE = 2_000;
    private static final int SECONDS = 20;
    private static final int CUSTOMERS = 2_000;

    /** One of twenty customers comes to the bank only after his first activities. */
    private static boolean late(int customer) {
        return customer % 20 == 0;
    }

    @Test
    void killedAndRestartedUnderLoad() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
            insertCustomers(sandbox, false);
            ServiceProcess service = sandbox.startService("before", 0, 0, Map.of("nbo.stream.instance", "crash"));
            try {
                service.awaitReady(Duration.ofSeconds(60));
                var sent = new ArrayList<Future<RecordMetadata>>();
                Random random = new Random(7);
                int total = RATE * SECONDS;
                long start = System.nanoTime();
                for (int i = 0; i < total; i++) {
                    int customer = 1000 + random.nextInt(CUSTOMERS);
                    sent.add(traffic.sendAsync(Topics.ACTIVITY, Integer.toString(customer).getBytes(), """
                            {"activity_id":%d,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":%s}"""
                            .formatted(i, customer, random.nextInt(100) / 100.0).getBytes()));
                    if (i == total / 2) {
                        service.kill();
                        service = sandbox.startService("after", 0, 0, Map.of("nbo.stream.instance", "crash"));
                    }
                    if (i == total * 3 / 4) {
                        insertCustomers(sandbox, true);
                    }
                    LockSupport.parkNanos(start + i * 1_000_000_000L / RATE - System.nanoTime());
                }
                service.awaitReady(Duration.ofSeconds(60));

                assertExactlyOnce(sandbox, traffic, sent);
            } finally {
                service.stop();
            }
        }
    }

    /** Who takes over a partition takes over what is parked there, without waiting for an activity. */
    @Test
    void whatIsParkedOutlivesARestart() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
            ServiceProcess service = sandbox.startService("first", 0, 0, Map.of("nbo.stream.instance", "crash"));
            Position parked;
            try {
                service.awaitReady(Duration.ofSeconds(60));
                parked = traffic.activity(500, 1, "deposit", 0.95);
                traffic.awaitOffer(traffic.activity(1, 2, "deposit", 0.5));
                await().atMost(Duration.ofSeconds(20)).until(() -> parkedRows(sandbox) == 1);
            } finally {
                service.kill();
            }

            service = sandbox.startService("second", 0, 0, Map.of("nbo.stream.instance", "crash"));
            try {
                service.awaitReady(Duration.ofSeconds(60));
                try (Connection bank = sandbox.postgres().connectToBank(); Statement insert = bank.createStatement()) {
                    insert.execute("insert into customers (customer_id, income, fico) values (500, 60000, 700)");
                }

                assertThat(traffic.awaitOffer(parked).get("offer_id").asInt()).isEqualTo(5);
                await().atMost(Duration.ofSeconds(10)).until(() -> parkedRows(sandbox) == 0);
            } finally {
                service.stop();
            }
        }
    }

    private static int parkedRows(SandboxInfrastructure sandbox) throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                var rows = statement.executeQuery("select count(*) from parked_activity")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void assertExactlyOnce(SandboxInfrastructure sandbox, Traffic traffic,
            List<Future<RecordMetadata>> sent) throws Exception {
        Map<String, Position> expected = new HashMap<>();
        for (Future<RecordMetadata> one : sent) {
            Position position = traffic.position(one.get());
            expected.put(position.decisionId().toString(), position);
        }
        await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ofSeconds(2))
                .until(() -> traffic.offers().size() >= expected.size());

        List<JsonNode> offers = traffic.offers();
        Map<String, Integer> seen = new HashMap<>();
        Map<Integer, Long> lastOfCustomer = new HashMap<>();
        Map<Integer, String> latest = new LinkedHashMap<>();
        for (JsonNode offer : offers) {
            String id = offer.get("decision_id").asText();
            seen.merge(id, 1, Integer::sum);
            assertThat(expected).containsKey(id);
            int customer = offer.get("customer_id").asInt();
            Long before = lastOfCustomer.put(customer, expected.get(id).offset());
            assertThat(before == null || before < expected.get(id).offset()).as("order of customer %d", customer)
                    .isTrue();
            latest.put(customer, id);
        }
        assertThat(seen).hasSize(expected.size());
        assertThat(seen.values()).allMatch(count -> count == 1);
        assertThat(traffic.committed(Topics.ACTIVITY_DEAD_LETTER)).isEmpty();
        try (Connection nbo = sandbox.postgres().connectToNbo(); Statement statement = nbo.createStatement()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> parkedRows(sandbox) == 0);
            Map<Integer, String> stored = new HashMap<>();
            try (var rows = statement.executeQuery(
                    "select customer_id::int, decision::json ->> 'decision_id' from latest_offer")) {
                while (rows.next()) {
                    stored.put(rows.getInt(1), rows.getString(2));
                }
            }
            assertThat(stored).isEqualTo(latest);
        }
    }

    private static void insertCustomers(SandboxInfrastructure sandbox, boolean late) throws SQLException {
        try (Connection bank = sandbox.postgres().connectToBank();
                var insert = bank
                        .prepareStatement("insert into customers (customer_id, income, fico) values (?, ?, ?)")) {
            Random random = new Random(3);
            for (int customer = 1000; customer < 1000 + CUSTOMERS; customer++) {
                insert.setInt(1, customer);
                insert.setInt(2, random.nextInt(200_000));
                insert.setInt(3, 300 + random.nextInt(550));
                if (late(customer) == late) {
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }
}
