package io.nextbestoffer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Under a steady load, everything fails that can, one after another. After each: every record sent is exactly one of
 * offer, parked, dead letter; in order; the latest offer is the last one on the topic; memory is bounded; readiness
 * told the truth; look-ups were never answered wrong. Short here, long with {@code -Pfaults}.
 * <p>
 * One world for all, for that is how it is: what one fault leaves behind the next one finds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FaultsIT {

    private interface Body {
        void run(Scenario scenario) throws Exception;
    }

    private World world;

    @BeforeAll
    void begin() throws Exception {
        Figures.begin();
        world = new World();
    }

    @AfterAll
    void end() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    /** Under its own name, by which it ends the open transaction of its former life; sometimes while it starts. */
    @Test
    @Order(1)
    void killedAgainAndAgain() throws Exception {
        Random random = new Random();
        int kills = world.scale.kills();
        scenario("kill -9 ×" + kills, scenario -> {
            scenario.with("nbo.stream.instance", "replica");
            Replica[] replica = {scenario.startAndAwait()};

            scenario.underLoad(() -> {
                for (int i = 0; i < kills; i++) {
                    Scenario.pause(Duration.ofMillis(random.nextLong(world.scale.leastLife().toMillis(),
                            world.scale.mostLife().toMillis())));
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
            Replica survivor = scenario.start();
            Replica victim = scenario.start();
            scenario.awaitReady(survivor, victim);

            scenario.underLoad(() -> {
                victim.kill();
                scenario.troubleIsOver();
            });

            assertThat(scenario.up()).containsExactly(survivor);
        });
    }

    private void scenario(String name, Body body) throws Exception {
        Scenario scenario = new Scenario(world, name);
        boolean well = false;
        try {
            body.run(scenario);
            scenario.prove();
            well = true;
        } finally {
            if (!well) {
                scenario.tellLogs();
            }
            scenario.end();
        }
    }
}
