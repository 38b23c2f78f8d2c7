package io.nextbestoffer;

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
import java.util.concurrent.locks.LockSupport;

import org.apache.kafka.clients.producer.RecordMetadata;

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.Topics;
import io.nextbestoffer.sandbox.Traffic;
import io.nextbestoffer.stream.Position;

/**
 * A steady load of activities, of which one in twenty comes before its customer is in the bank, and the proof that
 * each became exactly one offer, in order.
 */
final class Load {

    private static final int CUSTOMERS = 2_000;
    private static final Duration SETTLING = Duration.ofSeconds(120);

    private final SandboxInfrastructure sandbox;
    private final Traffic traffic;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();

    Load(SandboxInfrastructure sandbox, Traffic traffic) throws SQLException {
        this.sandbox = sandbox;
        this.traffic = traffic;
        insertCustomers(false);
    }

    /** Something that happens meanwhile. */
    interface Trouble {
        void happen() throws Exception;
    }

    /** Sends for so long, with trouble in the middle; the late customers come after three quarters. */
    void run(int perSecond, int seconds, Trouble trouble) throws Exception {
        Random random = new Random(7);
        int total = perSecond * seconds;
        long start = System.nanoTime();
        for (int i = 0; i < total; i++) {
            int customer = 1000 + random.nextInt(CUSTOMERS);
            sent.add(traffic.sendAsync(Topics.ACTIVITY, Integer.toString(customer).getBytes(), """
                    {"activity_id":%d,"customer_id":%d,"activity_type":"deposit","propensity_to_buy":%s}"""
                    .formatted(i, customer, random.nextInt(100) / 100.0).getBytes()));
            if (i == total / 2) {
                trouble.happen();
            }
            if (i == total * 3 / 4) {
                insertCustomers(true);
            }
            LockSupport.parkNanos(start + i * 1_000_000_000L / perSecond - System.nanoTime());
        }
    }

    private static boolean isLate(int customer) {
        return customer % 20 == 0;
    }

    private void insertCustomers(boolean late) throws SQLException {
        try (Connection bank = sandbox.postgres().connectToBank();
                var insert = bank
                        .prepareStatement(
                                "insert into customers (customer_id, income, fico) values (?, ?, ?) on conflict do nothing")) {
            Random random = new Random(3);
            for (int customer = 1000; customer < 1000 + CUSTOMERS; customer++) {
                insert.setInt(1, customer);
                insert.setInt(2, random.nextInt(200_000));
                insert.setInt(3, 300 + random.nextInt(550));
                if (isLate(customer) == late) {
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    void assertExactlyOnce() throws Exception {
        Map<String, Position> expected = new HashMap<>();
        for (Future<RecordMetadata> one : sent) {
            Position position = traffic.position(one.get());
            expected.put(position.decisionId().toString(), position);
        }
        await().atMost(SETTLING).pollInterval(Duration.ofSeconds(2))
                .until(() -> traffic.offers().size() >= expected.size());

        List<JsonNode> offers = traffic.offers();
        Map<String, Integer> seen = new HashMap<>();
        Map<Integer, Long> lastOfCustomer = new HashMap<>();
        Map<Integer, String> latest = new HashMap<>();
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
            await().atMost(Duration.ofSeconds(10)).until(() -> parkedRows() == 0);
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

    private int parkedRows() throws SQLException {
        try (Connection nbo = sandbox.postgres().connectToNbo();
                Statement statement = nbo.createStatement();
                var rows = statement.executeQuery("select count(*) from parked_activity")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
