package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

import io.nextbestoffer.sandbox.KafkaProxy.Moment;
import io.nextbestoffer.sandbox.KafkaProxy.Request;

/**
 * Under a steady load, everything fails that can, one after another. After each: every record sent is exactly one of
 * offer, parked, dead letter; in order; the latest offer is the last one on the topic; memory is bounded; readiness
 * told the truth; look-ups were never answered wrong. Short here, long with {@code -Pfaults}.
 * <p>
 * One world for all, for that is how it is: what one fault leaves behind the next one finds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class FaultsIT {

    private interface Body {
        void run(FaultScenario scenario) throws Exception;
    }

    private FaultEnvironment world;

    @BeforeAll
    void begin() throws Exception {
        world = new FaultEnvironment();
        FaultFigures.begin(world.scale);
    }

    @AfterAll
    void end() throws Exception {
        if (world != null) {
            world.close();
            FaultFigures.end();
        }
    }

    /** Under its own name, by which it ends the open transaction of its former life; sometimes while it starts. */
    @Test
    @Order(1)
    void killedAgainAndAgain() throws Exception {
        Random random = new Random();
        int kills = world.scale.kills();
        scenario("kill -9 ×" + kills, scenario -> {
            scenario.with(Map.of("nbo.stream.instance", "replica"));
            ReplicaProcess[] replica = {scenario.service()};

            scenario.underLoad(() -> {
                for (int i = 0; i < kills; i++) {
                    if (i % 4 != 1) { // else it dies before it has done anything
                        scenario.awaitReady(replica[0]);
                    }
                    FaultScenario.pause(Duration.ofMillis(random.nextLong(world.scale.life().toMillis())));
                    replica[0].kill();
                    scenario.troubleIsOver();
                    replica[0] = scenario.start();
                }
                scenario.awaitReady(replica[0]);
            });
        });
    }

    /** The one that is killed never says good-bye; the other takes over its partitions. */
    @Test
    @Order(2)
    void oneOfTwoReplicasKilled() throws Exception {
        scenario("kill -9 of one of two replicas", scenario -> {
            ReplicaProcess survivor = scenario.service();
            ReplicaProcess victim = scenario.start();
            scenario.awaitReady(victim);

            scenario.underLoad(() -> {
                victim.kill();
                scenario.troubleIsOver();
            });

            assertThat(world.up()).containsExactly(survivor);
        });
    }

    /** More replicas under load, and fewer again. */
    @Test
    @Order(3)
    void scaledUpAndDown() throws Exception {
        scenario("scaling 1 → 3 → 1", scenario -> {
            ReplicaProcess first = scenario.service();

            scenario.underLoad(() -> {
                ReplicaProcess second = scenario.start();
                ReplicaProcess third = scenario.start();
                scenario.awaitReady(second, third);
                FaultScenario.pause(world.scale.calm());
                first.stop();
                scenario.troubleIsOver();
                FaultScenario.pause(world.scale.calm());
                second.stop();
                scenario.troubleIsOver();
            });
        });
    }

    @Test
    @Order(4)
    void brokerRestarted() throws Exception {
        Duration outage = world.scale.outage().dividedBy(3);
        scenario("broker restart, " + outage.toSeconds() + " s away", scenario -> {
            scenario.service();

            scenario.underLoad(() -> {
                world.sandbox.kafka().stop();
                FaultScenario.pause(outage);
                world.sandbox.kafka().start();
                scenario.troubleIsOver();
            });
        });
    }

    @Test
    @Order(5)
    void postgresAway() throws Exception {
        Duration outage = world.scale.outage();
        scenario("Postgres crash, " + outage.toSeconds() + " s away", scenario -> {
            ReplicaProcess replica = scenario.service();

            scenario.underLoad(() -> {
                world.sandbox.postgres().crash();
                await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !replica.isReady());
                long away = System.nanoTime();
                FaultScenario.pause(outage);
                assertThat(replica.readiness(away)).as("ready while Postgres is away").isZero();
                world.sandbox.postgres().start();
                scenario.troubleIsOver();
            });
        });
    }

    /** Profiles are late: activities of newcomers wait, all others are decided as ever. */
    @Test
    @Order(6)
    void debeziumStopped() throws Exception {
        Duration outage = world.scale.outage();
        scenario("Debezium stopped for " + outage.toSeconds() + " s", scenario -> {
            ReplicaProcess replica = scenario.service();

            scenario.underLoad(() -> {
                long stopped = System.nanoTime();
                world.sandbox.debezium().stop();
                FaultScenario.pause(outage);
                assertThat(replica.readiness(stopped)).as("ready while profiles are late").isGreaterThan(0.8);
                world.sandbox.debezium().start();
                scenario.troubleIsOver();
            });
        });
    }

    /** The service must neither believe that a commit was done nor that it was not. */
    @Test
    @Order(7)
    void commitsFail() throws Exception {
        scenario("failed commits", scenario -> {
            scenario.with(world.proxied()).service();

            scenario.underLoad(() -> {
                for (Moment moment : Moment.values()) {
                    failOften(moment, Request.PRODUCE, Request.TXN_OFFSET_COMMIT, Request.END_TXN);
                    // For longer than the client tries by itself
                    world.kafkaProxy.fail(Request.END_TXN, moment, Integer.MAX_VALUE);
                    FaultScenario.pause(world.scale.commitFailure());
                    world.kafkaProxy.heal();
                    scenario.troubleIsOver();
                }
            });
        });
    }

    /** First each way takes its time, then Postgres vanishes without a word, then its connections break. */
    @Test
    @Order(8)
    void postgresSlow() throws Exception {
        Duration outage = world.scale.outage();
        scenario("slow Postgres, then silent", scenario -> {
            ReplicaProcess replica = scenario.with(world.proxied()).service();

            scenario.underLoad(() -> {
                world.postgresProxy.delay(Duration.ofMillis(50));
                FaultScenario.pause(outage);
                world.postgresProxy.delay(Duration.ZERO);
                world.postgresProxy.fallSilent();
                await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !replica.isReady());
                FaultScenario.pause(outage.dividedBy(3));
                world.postgresProxy.cut();
                world.postgresProxy.speak();
                scenario.troubleIsOver();
            });
        });
    }

    /** Brokers before Kafka 4 want to be told beforehand what belongs to a transaction: more that can fail. */
    @Test
    @Order(9)
    void commitsFailOnOlderBrokers() throws Exception {
        Assumptions.assumeTrue(world.scale.isLong(), "only with -Pfaults");
        scenario("failed commits, as before Kafka 4", scenario -> {
            world.endService();
            world.sandbox.kafka().transactionVersion(0);
            try {
                scenario.with(world.proxied()).service();

                scenario.underLoad(() -> {
                    for (Moment moment : Moment.values()) {
                        failOften(moment, Request.ADD_PARTITIONS_TO_TXN, Request.PRODUCE, Request.ADD_OFFSETS_TO_TXN,
                                Request.TXN_OFFSET_COMMIT, Request.END_TXN);
                    }
                    scenario.troubleIsOver();
                });
            } finally {
                world.endService();
                world.sandbox.kafka().transactionVersion(2);
            }
            scenario.service();
        });
    }

    private void failOften(Moment moment, Request... requests) {
        for (Request request : requests) {
            world.kafkaProxy.fail(request, moment, world.scale.isLong() ? 3 : 1);
            await(moment + " " + request).atMost(Duration.ofSeconds(60)).until(() -> world.kafkaProxy.left() == 0);
        }
    }

    /** The service comes back before what it needs does. */
    @Test
    @Order(10)
    void everythingRestarted() throws Exception {
        scenario("restart of everything", scenario -> {
            ReplicaProcess before = scenario.service();

            scenario.underLoad(() -> {
                before.kill();
                world.sandbox.postgres().crash();
                world.sandbox.debezium().stop();
                world.sandbox.kafka().stop();
                ReplicaProcess after = scenario.start();
                FaultScenario.pause(world.scale.calm());
                world.sandbox.postgres().start();
                world.sandbox.kafka().start();
                world.sandbox.debezium().start();
                scenario.troubleIsOver();
                scenario.awaitReady(after);
            });
        });
    }

    /** What still waits for customers who were deleted becomes a dead letter at last, and then nothing waits. */
    @Test
    @Order(11)
    void nothingWaitsForEver() throws Exception {
        scenario("the parking timeout", scenario -> {
            scenario.with(Map.of("nbo.parking.timeout", "PT1S")).service();

            assertThat(ExactlyOnceProof.holdsWithin(Duration.ofMinutes(1), world.proof::nothingIsParked)).isTrue();
        });
    }

    private void scenario(String name, Body body) throws Exception {
        long start = System.nanoTime();
        FaultScenario scenario = new FaultScenario(world, name);
        boolean well = false;
        try {
            body.run(scenario);
            scenario.prove();
            well = true;
        } finally {
            if (!well) {
                scenario.tellLogs();
                // So that it does not spoil what comes
                world.kafkaProxy.heal();
                world.postgresProxy.speak();
                world.endService();
            }
            FaultFigures.print("faults: %s: %s after %d s%n", name, well ? "well" : "FAILED",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds());
        }
    }
}
