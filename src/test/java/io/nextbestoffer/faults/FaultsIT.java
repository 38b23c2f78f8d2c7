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
import org.junit.jupiter.api.parallel.Isolated;

import io.nextbestoffer.sandbox.KafkaProxy.Moment;
import io.nextbestoffer.sandbox.KafkaProxy.Request;

/**
 * Provokes one fault after another under a steady load. After each fault: every record sent is exactly one of offer,
 * parked activity and dead letter; offers are in order; the latest offer is the last one on the topic; memory is
 * bounded; readiness was correct; no look-up returned a wrong answer. Short by default, long with {@code -Pfaults}.
 * <p>
 * All faults share one environment, as in production: each starts with the state that the previous one has left.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@Isolated
class FaultsIT {

    private interface Scenario {
        void run(FaultScenario scenario) throws Exception;
    }

    private FaultEnvironment environment;

    @BeforeAll
    void begin() throws Exception {
        environment = new FaultEnvironment();
        FaultFigures.begin(environment.scale);
    }

    @AfterAll
    void end() throws Exception {
        if (environment != null) {
            environment.close();
            FaultFigures.end();
        }
    }

    /**
     * Each new process has the name of the killed one, so it aborts that one's open transaction. Some processes are
     * killed while they start.
     */
    @Test
    @Order(1)
    void survivesRepeatedKills() throws Exception {
        Random random = new Random();
        int kills = environment.scale.kills();
        scenario("kill -9 ×" + kills, scenario -> {
            scenario.with(Map.of("nbo.stream.instance", "replica"));
            ReplicaProcess[] replica = {scenario.service()};

            scenario.underLoad(() -> {
                for (int i = 0; i < kills; i++) {
                    if (i % 4 != 1) { // otherwise it is killed during its start
                        scenario.awaitReady(replica[0]);
                    }
                    FaultScenario.pause(Duration.ofMillis(random.nextLong(environment.scale.life().toMillis())));
                    replica[0].kill();
                    scenario.faultIsOver();
                    replica[0] = scenario.start();
                }
                scenario.awaitReady(replica[0]);
            });
        });
    }

    /** A killed replica does not leave its group; the other one takes over its partitions. */
    @Test
    @Order(2)
    void survivesTheKillOfOneOfTwoReplicas() throws Exception {
        scenario("kill -9 of one of two replicas", scenario -> {
            ReplicaProcess survivor = scenario.service();
            ReplicaProcess victim = scenario.start();
            scenario.awaitReady(victim);

            scenario.underLoad(() -> {
                victim.kill();
                scenario.faultIsOver();
            });

            assertThat(environment.up()).containsExactly(survivor);
        });
    }

    /** Adds and removes replicas under load. */
    @Test
    @Order(3)
    void survivesScalingUpAndDown() throws Exception {
        scenario("scaling 1 → 3 → 1", scenario -> {
            ReplicaProcess first = scenario.service();

            scenario.underLoad(() -> {
                ReplicaProcess second = scenario.start();
                ReplicaProcess third = scenario.start();
                scenario.awaitReady(second, third);
                FaultScenario.pause(environment.scale.calm());
                first.stop();
                scenario.faultIsOver();
                FaultScenario.pause(environment.scale.calm());
                second.stop();
                scenario.faultIsOver();
            });
        });
    }

    @Test
    @Order(4)
    void survivesABrokerRestart() throws Exception {
        Duration outage = environment.scale.outage().dividedBy(3);
        scenario("broker restart, " + outage.toSeconds() + " s down", scenario -> {
            scenario.service();

            scenario.underLoad(() -> {
                environment.sandbox.kafka().stop();
                FaultScenario.pause(outage);
                environment.sandbox.kafka().start();
                scenario.faultIsOver();
            });
        });
    }

    @Test
    @Order(5)
    void survivesAPostgresCrash() throws Exception {
        Duration outage = environment.scale.outage();
        scenario("Postgres crash, " + outage.toSeconds() + " s down", scenario -> {
            ReplicaProcess replica = scenario.service();

            scenario.underLoad(() -> {
                environment.sandbox.postgres().crash();
                await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !replica.isReady());
                long down = System.nanoTime();
                FaultScenario.pause(outage);
                assertThat(replica.readiness(down)).as("ready while Postgres is down").isZero();
                environment.sandbox.postgres().start();
                scenario.faultIsOver();
            });
        });
    }

    /** Profiles are late: activities of new customers are parked, all others are decided. */
    @Test
    @Order(6)
    void survivesAStopOfDebezium() throws Exception {
        Duration outage = environment.scale.outage();
        scenario("Debezium stopped for " + outage.toSeconds() + " s", scenario -> {
            ReplicaProcess replica = scenario.service();

            scenario.underLoad(() -> {
                long stopped = System.nanoTime();
                environment.sandbox.debezium().stop();
                FaultScenario.pause(outage);
                assertThat(replica.readiness(stopped)).as("ready while profiles are late").isGreaterThan(0.8);
                environment.sandbox.debezium().start();
                scenario.faultIsOver();
            });
        });
    }

    /** After a failed commit the service must not assume either outcome. */
    @Test
    @Order(7)
    void survivesFailedCommits() throws Exception {
        scenario("failed commits", scenario -> {
            scenario.with(environment.proxied()).service();

            scenario.underLoad(() -> {
                for (Moment moment : Moment.values()) {
                    failOften(moment, Request.PRODUCE, Request.TXN_OFFSET_COMMIT, Request.END_TXN);
                    // Fails for longer than the client retries
                    environment.kafkaProxy.fail(Request.END_TXN, moment, Integer.MAX_VALUE);
                    FaultScenario.pause(environment.scale.commitFailure());
                    environment.kafkaProxy.stopFailing();
                    scenario.faultIsOver();
                }
            });
        });
    }

    /** First Postgres is slow, then it stops answering, then its connections are reset. */
    @Test
    @Order(8)
    void survivesASlowAndUnresponsivePostgres() throws Exception {
        Duration outage = environment.scale.outage();
        scenario("slow Postgres, then no answers", scenario -> {
            ReplicaProcess replica = scenario.with(environment.proxied()).service();

            scenario.underLoad(() -> {
                environment.postgresProxy.delay(Duration.ofMillis(50));
                FaultScenario.pause(outage);
                environment.postgresProxy.delay(Duration.ZERO);
                environment.postgresProxy.stopForwarding();
                await("not ready").atMost(Duration.ofSeconds(20)).until(() -> !replica.isReady());
                FaultScenario.pause(outage.dividedBy(3));
                environment.postgresProxy.resetConnections();
                environment.postgresProxy.resumeForwarding();
                scenario.faultIsOver();
            });
        });
    }

    /** Brokers before Kafka 4 need requests that add partitions and offsets to a transaction, which can fail too. */
    @Test
    @Order(9)
    void survivesFailedCommitsOnOlderBrokers() throws Exception {
        Assumptions.assumeTrue(environment.scale.isLong(), "only with -Pfaults");
        scenario("failed commits, as before Kafka 4", scenario -> {
            environment.stopReplicas();
            environment.sandbox.kafka().transactionVersion(0);
            try {
                scenario.with(environment.proxied()).service();

                scenario.underLoad(() -> {
                    for (Moment moment : Moment.values()) {
                        failOften(moment, Request.ADD_PARTITIONS_TO_TXN, Request.PRODUCE, Request.ADD_OFFSETS_TO_TXN,
                                Request.TXN_OFFSET_COMMIT, Request.END_TXN);
                    }
                    scenario.faultIsOver();
                });
            } finally {
                environment.stopReplicas();
                environment.sandbox.kafka().transactionVersion(2);
            }
            scenario.service();
        });
    }

    private void failOften(Moment moment, Request... requests) {
        for (Request request : requests) {
            environment.kafkaProxy.fail(request, moment, environment.scale.isLong() ? 3 : 1);
            await(moment + " " + request).atMost(Duration.ofSeconds(60))
                    .until(() -> environment.kafkaProxy.remainingFailures() == 0);
        }
    }

    /** The service restarts before the systems that it depends on. */
    @Test
    @Order(10)
    void survivesARestartOfAllSystems() throws Exception {
        scenario("restart of everything", scenario -> {
            ReplicaProcess before = scenario.service();

            scenario.underLoad(() -> {
                before.kill();
                environment.sandbox.postgres().crash();
                environment.sandbox.debezium().stop();
                environment.sandbox.kafka().stop();
                ReplicaProcess after = scenario.start();
                FaultScenario.pause(environment.scale.calm());
                environment.sandbox.postgres().start();
                environment.sandbox.kafka().start();
                environment.sandbox.debezium().start();
                scenario.faultIsOver();
                scenario.awaitReady(after);
            });
        });
    }

    /** Activities parked for deleted customers become dead letters after the timeout; then nothing is parked. */
    @Test
    @Order(11)
    void expiresAllParkedActivities() throws Exception {
        scenario("the parking timeout", scenario -> {
            scenario.with(Map.of("nbo.parking.timeout", "PT1S")).service();

            assertThat(ExactlyOnceProof.holdsWithin(Duration.ofMinutes(1), environment.proof::nothingIsParked))
                    .isTrue();
        });
    }

    private void scenario(String name, Scenario body) throws Exception {
        long start = System.nanoTime();
        FaultScenario scenario = new FaultScenario(environment, name);
        boolean passed = false;
        try {
            body.run(scenario);
            scenario.prove();
            passed = true;
        } finally {
            if (!passed) {
                scenario.printLogs();
                // Keeps the failure from affecting the next scenarios
                environment.kafkaProxy.stopFailing();
                environment.postgresProxy.resumeForwarding();
                environment.stopReplicas();
            }
            FaultFigures.print("faults: %s: %s after %d s%n", name, passed ? "passed" : "FAILED",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds());
        }
    }
}
