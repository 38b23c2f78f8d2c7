package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

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

import com.fasterxml.jackson.databind.JsonNode;

import io.nextbestoffer.sandbox.KafkaProxy.Moment;
import io.nextbestoffer.sandbox.KafkaProxy.Request;
import io.nextbestoffer.sandbox.SandboxPostgres;

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

    /**
     * Customers in memory are decided while Postgres does not answer, and their offers committed; activities that were
     * parked before are decided afterwards.
     */
    @Test
    @Order(6)
    void decidesWithoutPostgres() throws Exception {
        // Not in the short form yet: in one of three runs there, the bank did not finish its changes in time
        Assumptions.assumeTrue(environment.scale.isLong(), "only with -Pfaults");
        SandboxPostgres postgres = environment.sandbox.postgres();
        Duration outage = environment.scale.outageOfPostgres();
        scenario("Postgres down, then frozen, " + outage.toSeconds() + " s each; customers in memory", scenario -> {
            ReplicaProcess replica = scenario.service();

            scenario.underLoad(() -> {
                decidesWithout(replica, outage, this::crashDuringARelease, postgres::start);
                scenario.faultIsOver();
                decidesWithout(replica, outage, postgres::freeze, postgres::thaw);
                scenario.faultIsOver();
                readsProfilesInUseAgain();
            });
        });
    }

    /** Changes a row without any change event: the profile in memory is corrected by reading the row again. */
    private void readsProfilesInUseAgain() throws Exception {
        ChangingBank.Customer customer = environment.bank.steady().get(0);
        var changed = new ChangingBank.Profile(customer.latest().income() + 1, customer.latest().fico());
        customer.profiles.add(changed);
        environment.sandbox.postgres().executeInNbo("update customer set attributes = (attributes::jsonb"
                + " || '{\"income\": " + changed.income() + "}')::json where customer_id = '" + customer.id + "'");

        await("decided with the changed row").atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    environment.load.send(customer);
                    return environment.records.isLastOfferOf(customer, changed);
                });
        environment.bank.storeLatestProfile(customer);
    }

    /** After Postgres has restarted, it is unknown whether the rows of the release got their numbers. */
    private void crashDuringARelease() throws Exception {
        SandboxPostgres postgres = environment.sandbox.postgres();
        List<SentActivity> released = List
                .of(environment.load.send(environment.bank.newcomerAfter(Duration.ofSeconds(4))));
        awaitParked(released);
        try (Connection lock = postgres.connectToNbo(); Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("lock table parked_activity in share mode");
            await("a release waits").atMost(Duration.ofSeconds(30)).until(() -> !"0".equals(postgres.textFromNbo(
                    "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                            + " and query like '%set release_number = l.number%'")));
            postgres.crash();
        } catch (SQLException e) {
            // Closing a connection that Postgres has ended
            assertThat(e.getSQLState()).as("%s", e).startsWith("08");
        }
    }

    private void awaitParked(List<SentActivity> activities) {
        await("parked").atMost(Duration.ofSeconds(30)).until(() -> environment.tables.parked()
                .containsAll(activities.stream().map(one -> one.partition + "/" + one.offset).toList()));
    }

    private void decidesWithout(ReplicaProcess replica, Duration outage, FaultScenario.Fault begin, Runnable end)
            throws Exception {
        bringSteadyCustomersIntoMemory();
        Duration arrival = outage.plusSeconds(10);
        List<SentActivity> parked = IntStream.range(0, 20).mapToObj(i -> environment.bank.newcomerAfter(arrival))
                .map(environment.load::send).toList();
        awaitParked(parked);

        begin.provoke();
        FaultScenario.pause(Duration.ofSeconds(1));
        RecordLedger.Counts before = environment.records.counts();
        JsonNode deciding = null;
        for (long over = System.nanoTime() + outage.toNanos(); System.nanoTime() < over;) {
            FaultScenario.pause(Duration.ofMillis(500));
            deciding = deciding(replica);
            assertThat(deciding.path("status").asText()).as("%s", deciding).isEqualTo("UP");
        }
        RecordLedger.Counts during = environment.records.counts().since(before);
        double age = replica.metric("nbo_snapshot_age_seconds");
        end.run();
        environment.load.onlySteadyCustomers(false);

        FaultFigures.print("faults: without Postgres: %,d activities sent, %,d offers committed%n", during.sent(),
                during.offers());
        assertThat(during.offers()).as("offers committed without Postgres").isGreaterThan(during.sent() * 8 / 10);
        assertThat(deciding.path("data").path("postgres").asText()).contains("has not answered for");
        assertThat(age).isGreaterThan(outage.toSeconds() - 2.0);
        await("released").atMost(Duration.ofSeconds(60)).until(() -> environment.records.haveOffers(parked));
        await("refreshed").atMost(Duration.ofSeconds(20)).until(() -> replica.metric("nbo_snapshot_age_seconds") < 3);
    }

    /** Sends an activity of each steady customer; from now on the load consists of their activities only. */
    private void bringSteadyCustomersIntoMemory() {
        environment.load.onlySteadyCustomers(true);
        List<SentActivity> known = environment.bank.steady().stream().map(environment.load::send).toList();
        await("in memory").atMost(Duration.ofSeconds(30)).until(() -> environment.records.haveOffers(known));
    }

    private static JsonNode deciding(ReplicaProcess replica) throws Exception {
        for (JsonNode check : replica.readinessChecks()) {
            if (check.path("name").asText().equals("deciding")) {
                return check;
            }
        }
        throw new AssertionError("there is no check named deciding");
    }

    /** Profiles are late: activities of new customers are parked, all others are decided. */
    @Test
    @Order(7)
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
    @Order(8)
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
    @Order(9)
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

    /**
     * A replica that is cut off from Postgres misses an activation and goes on with the older version; it takes over
     * the partitions of another replica only once it has loaded the newer one. {@link RecordLedger} checks that no
     * partition returns to an older version.
     */
    @Test
    @Order(10)
    void takesOverOnlyWithTheActiveVersion() throws Exception {
        scenario("takeover by a replica that missed an activation", scenario -> {
            ReplicaProcess cutOff = scenario.with(environment.proxied()).service();
            ReplicaProcess other = scenario.with(environment.direct()).start();
            scenario.awaitReady(other);

            scenario.underLoad(() -> {
                bringSteadyCustomersIntoMemory();
                environment.postgresProxy.stopForwarding();
                activateNextVersion();
                await("versions differ").atMost(Duration.ofSeconds(30))
                        .until(() -> environment.records.versions().equals(Set.of(1, 2)));
                FaultScenario.pause(Duration.ofSeconds(2));
                assertThat(environment.records.versions()).as("versions, while a replica is cut off")
                        .containsExactlyInAnyOrder(1, 2);
                try (Connection lock = environment.sandbox.postgres().connectToNbo();
                        Statement statement = lock.createStatement()) {
                    lock.setAutoCommit(false);
                    // The replica that was cut off can claim partitions, but not read the activation
                    statement.execute("lock table strategy_revision in access exclusive mode");
                    environment.postgresProxy.resumeForwarding();
                    other.kill();
                    await("taking over").atMost(Duration.ofSeconds(60))
                            .until(() -> deciding(cutOff).path("data").path("obstacle").asText()
                                    .equals("OutdatedSnapshotException"));
                    RecordLedger.Counts before = environment.records.counts();
                    FaultScenario.pause(Duration.ofSeconds(2));
                    assertThat(environment.records.counts().since(before).offers()).as("offers by the old version")
                            .isZero();
                    lock.rollback();
                }
                scenario.faultIsOver();
                environment.load.onlySteadyCustomers(false);
                await("one version").atMost(Duration.ofSeconds(30))
                        .until(() -> environment.records.versions().equals(Set.of(2)));
            });
        });
    }

    private void activateNextVersion() throws SQLException {
        SandboxPostgres postgres = environment.sandbox.postgres();
        postgres.executeInNbo("""
                insert into strategy_version (strategy, version, kind, description, document, author)
                select strategy, version + 1, kind, description, document, 'faults'
                from strategy_version where strategy = 'banking'
                """);
        postgres.executeInNbo("""
                insert into strategy_activation (strategy, version, effective_at, activated_by, reason)
                values ('banking', 2, clock_timestamp() + interval '3 seconds', 'faults', 'test')
                """);
    }

    /** Brokers before Kafka 4 need requests that add partitions and offsets to a transaction, which can fail too. */
    @Test
    @Order(11)
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
    @Order(12)
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
    @Order(13)
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
                environment.sandbox.postgres().thaw();
                environment.sandbox.postgres().start();
                environment.load.onlySteadyCustomers(false);
                environment.stopReplicas();
            }
            FaultFigures.print("faults: %s: %s after %d s%n", name, passed ? "passed" : "FAILED",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds());
        }
    }
}
