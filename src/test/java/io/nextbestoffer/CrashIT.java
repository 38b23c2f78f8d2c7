package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.OwnInfrastructure;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/** Tests that a service takes over the state of a crashed one. {@code FaultsIT} tests the same under load. */
@OwnInfrastructure
class CrashIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static SandboxInfrastructure sandbox;
    private static TestTraffic traffic;

    @BeforeAll
    static void startSandbox() {
        sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
        traffic = new TestTraffic(sandbox.kafka());
    }

    @AfterAll
    static void stopSandbox() {
        traffic.close();
        sandbox.close();
    }

    private static ServiceProcess startService(String name) {
        ServiceProcess service = sandbox.startService(name, 0, 0, Map.of());
        try {
            service.awaitReady(TIMEOUT);
            return service;
        } catch (RuntimeException e) {
            service.kill();
            throw e;
        }
    }

    /** The new owner of a partition releases the partition's parked activities without waiting for another activity. */
    @Test
    void releasesParkedActivitiesAfterARestart() throws Exception {
        RecordPosition parked;
        ServiceProcess first = startService("before-crash");
        try {
            parked = traffic.activity(500, 1, "deposit", 0.95);
            traffic.awaitOffer(traffic.activity(1, 2, "deposit", 0.5));
            await().atMost(TIMEOUT).until(() -> parkedRows() == 1);
        } finally {
            first.kill();
        }

        try (ServiceProcess second = startService("after-crash")) {
            try (Connection bank = sandbox.postgres().connectToBank(); Statement insert = bank.createStatement()) {
                insert.execute("insert into customers (customer_id, income, fico) values (500, 60000, 700)");
            }

            assertThat(traffic.awaitOffer(parked).get("offer_id").asInt()).isEqualTo(5);
            await().atMost(TIMEOUT).until(() -> parkedRows() == 0);
        }
    }

    /** If Kafka loses the consumer group, its generations start again below the generations stored in the claims. */
    @Test
    void takesOverClaimsAfterTheLossOfTheGroup() throws Exception {
        int before = traffic.offers().size();
        try (ServiceProcess first = startService("before-reset")) {
            traffic.awaitOffer(traffic.activity(1, 3, "deposit", 0.5));
        }
        try (Connection nbo = sandbox.postgres().connectToNbo(); Statement update = nbo.createStatement()) {
            assertThat(update.executeUpdate("update partition_claim set generation = generation + 1000"))
                    .isEqualTo(6);
        }

        try (ServiceProcess second = startService("after-reset")) {
            assertThat(traffic.awaitOffer(traffic.activity(1, 4, "deposit", 0.5)).get("offer_id").asInt())
                    .isEqualTo(1);
        }
        assertThat(traffic.offers()).hasSize(before + 2);
    }

    private static int parkedRows() throws SQLException {
        return Integer.parseInt(sandbox.postgres().textFromNbo("select count(*) from parked_activity"));
    }
}
