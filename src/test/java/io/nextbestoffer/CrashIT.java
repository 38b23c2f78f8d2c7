package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.TestTraffic;

/** A service takes over the state of one that crashed. {@code FaultsIT} tests the same under load. */
class CrashIT {

    private static ServiceProcess start(SandboxInfrastructure sandbox, String name) {
        ServiceProcess service = sandbox.startService(name, 0, 0, Map.of());
        service.awaitReady(Duration.ofSeconds(60));
        return service;
    }

    /** The new owner of a partition releases what is parked there, without waiting for an activity. */
    @Test
    void releasesParkedActivitiesAfterARestart() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new TestTraffic(sandbox.kafka())) {
            ServiceProcess service = sandbox.startService("first", 0, 0, Map.of());
            RecordPosition parked;
            try {
                service.awaitReady(Duration.ofSeconds(60));
                parked = traffic.activity(500, 1, "deposit", 0.95);
                traffic.awaitOffer(traffic.activity(1, 2, "deposit", 0.5));
                await().atMost(Duration.ofSeconds(20)).until(() -> parkedRows(sandbox) == 1);
            } finally {
                service.kill();
            }

            service = sandbox.startService("second", 0, 0, Map.of());
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

    /** After Kafka has forgotten the group, its generations start again below those of the claims. */
    @Test
    void takesOverClaimsOfOutdatedGenerations() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new TestTraffic(sandbox.kafka())) {
            try (ServiceProcess service = start(sandbox, "first")) {
                traffic.awaitOffer(traffic.activity(1, 1, "deposit", 0.5));
            }
            try (Connection nbo = sandbox.postgres().connectToNbo(); Statement update = nbo.createStatement()) {
                assertThat(update.executeUpdate("update partition_claim set generation = generation + 1000"))
                        .isEqualTo(6);
            }

            try (ServiceProcess service = start(sandbox, "second")) {
                assertThat(traffic.awaitOffer(traffic.activity(1, 2, "deposit", 0.5)).get("offer_id").asInt())
                        .isEqualTo(1);
            }
            assertThat(traffic.offers()).hasSize(2);
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
}
