package io.nextbestoffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import io.nextbestoffer.sandbox.SandboxInfrastructure;
import io.nextbestoffer.sandbox.ServiceProcess;
import io.nextbestoffer.sandbox.Traffic;
import io.nextbestoffer.stream.Position;

/** Every activity becomes exactly one offer, in order, although the service is killed in the middle. */
class CrashIT {

    @Test
    void killedAndRestartedUnderLoad() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
            var load = new Load(sandbox, traffic);
            // The restarted one has the same name in Kafka: it ends the open transaction of the killed one
            var name = Map.of("nbo.stream.instance", "replica");
            var service = new AtomicReference<>(sandbox.startService("before", 0, 0, name));
            try {
                service.get().awaitReady(Duration.ofSeconds(60));
                load.run(2_000, 20, () -> {
                    service.get().kill();
                    service.set(sandbox.startService("after", 0, 0, name));
                });
                service.get().awaitReady(Duration.ofSeconds(60));

                load.assertExactlyOnce();
            } finally {
                service.get().stop();
            }
        }
    }

    /** The one that is killed never says good-bye; the other takes over its partitions. */
    @Test
    void oneOfTwoReplicasKilledUnderLoad() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka());
                ServiceProcess survivor = start(sandbox, "survivor");
                ServiceProcess victim = start(sandbox, "victim")) {
            var load = new Load(sandbox, traffic);

            load.run(1_000, 15, victim::kill);

            load.assertExactlyOnce();
            assertThat(survivor.isReady()).isTrue();
        }
    }

    /** Dependencies that are down make the service not ready, not dead; it goes on by itself. */
    @Test
    void postgresAndKafkaRestartedUnderLoad() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka());
                ServiceProcess service = start(sandbox, "service")) {
            var load = new Load(sandbox, traffic);

            load.run(1_000, 10, () -> {
                sandbox.postgres().crash();
                await().atMost(Duration.ofSeconds(20)).until(() -> !service.isReady());
                sandbox.postgres().start();
            });
            load.assertExactlyOnce();
            load.run(1_000, 10, () -> {
                sandbox.kafka().stop();
                sandbox.kafka().start();
            });
            service.awaitReady(Duration.ofSeconds(60));

            load.assertExactlyOnce();
            assertThat(service.exitCode()).isEmpty();
        }
    }

    private static ServiceProcess start(SandboxInfrastructure sandbox, String name) {
        ServiceProcess service = sandbox.startService(name, 0, 0, Map.of());
        service.awaitReady(Duration.ofSeconds(60));
        return service;
    }

    /** Who takes over a partition takes over what is parked there, without waiting for an activity. */
    @Test
    void whatIsParkedOutlivesARestart() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
            ServiceProcess service = sandbox.startService("first", 0, 0, Map.of());
            Position parked;
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

    /** After Kafka has forgotten the group, its generations start below those that have claimed the partitions. */
    @Test
    void partitionsAreTakenOverFromGenerationsThatAreOver() throws Exception {
        try (var sandbox = SandboxInfrastructure.start(SandboxInfrastructure.Options.defaults().withSample());
                var traffic = new Traffic(sandbox.kafka())) {
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
