package io.nextbestoffer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.nextbestoffer.sandbox.ServiceDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;

/** The statements, in a real Postgres. */
class SimulationsIT {

    @TempDir
    static Path directory;
    private static ServiceDatabase database;
    private static Pool pool;

    private final Simulations simulations = new Simulations(pool);
    private final UUID id = UUID.randomUUID();

    @BeforeAll
    static void start() {
        database = ServiceDatabase.start(directory);
        pool = database.pool(4, ServiceDatabase.PLANS_OF_THE_SERVICE);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @BeforeEach
    void anEmptyTable() throws SQLException {
        database.execute("truncate simulation");
    }

    private static <T> T get(Uni<T> step) {
        return step.await().atMost(Duration.ofSeconds(20));
    }

    private void created() {
        created(id);
    }

    private void created(UUID simulation) {
        get(simulations.create(simulation, "jane", "banking", "{\"days\":7}", "here"));
    }

    private Simulation found() {
        return get(simulations.find(id));
    }

    private void silentFor(String interval) throws SQLException {
        database.execute("update simulation set updated_at = now() - interval '" + interval + "'");
    }

    @Test
    void oneGoesFromQueuedToDone() {
        created();
        assertThat(found().state()).isEqualTo("queued");
        assertThat(found().by()).isEqualTo("jane");
        assertThat(found().instance()).isEqualTo("here");
        assertThat(found().progress()).isEqualTo(new Simulation.Progress(0, null));

        assertThat(get(simulations.begin(id))).isTrue();
        assertThat(found().state()).isEqualTo("running");
        assertThat(found().startedAt()).isNotNull();

        assertThat(get(simulations.alive(List.of(new Simulations.Place(id, 3, 7L))))).containsExactly(id);
        assertThat(found().progress()).isEqualTo(new Simulation.Progress(3, 7L));

        get(simulations.done(new Simulations.Place(id, 7, 7L), "{\"decisions\":7}"));
        Simulation done = found();
        assertThat(done.state()).isEqualTo("done");
        assertThat(done.report()).isEqualTo("{\"decisions\":7}");
        assertThat(done.request()).isEqualTo("{\"days\":7}");
        assertThat(done.finishedAt()).isNotNull();
        assertThat(done.progress()).isEqualTo(new Simulation.Progress(7, 7L));
    }

    @Test
    void whatIsCancelledStaysSo() {
        created();
        get(simulations.begin(id));
        UUID other = UUID.randomUUID();
        created(other);

        assertThat(get(simulations.cancel(id))).isTrue();
        assertThat(get(simulations.alive(
                List.of(new Simulations.Place(id, 3, null), new Simulations.Place(other, 0, null)))))
                .as("who runs it hears of it").containsExactly(other);
        get(simulations.done(new Simulations.Place(id, 7, 7L), "{}"));
        get(simulations.failed(new Simulations.Place(id, 7, 7L), "late"));

        assertThat(get(simulations.begin(id))).isFalse();
        assertThat(get(simulations.cancel(id))).isTrue();
        assertThat(found().state()).isEqualTo("cancelled");
        assertThat(found().report()).isNull();
        assertThat(found().problem()).isNull();
    }

    @Test
    void whatIsOverIsNeitherCancelledNorLost() throws SQLException {
        created();
        get(simulations.begin(id));
        get(simulations.failed(new Simulations.Place(id, 1, 2L), "why"));
        silentFor("1 hour");

        assertThat(get(simulations.cancel(id))).isTrue();

        assertThat(found().state()).isEqualTo("failed");
        assertThat(found().problem()).isEqualTo("why");
        assertThat(get(simulations.cancel(UUID.randomUUID()))).isFalse();
        assertThat(get(simulations.find(UUID.randomUUID()))).isNull();
    }

    @Test
    void ofWhomNothingIsHeardIsLostUntilHeComesBack() throws SQLException {
        created();
        get(simulations.begin(id));

        silentFor("29 seconds");
        assertThat(found().state()).isEqualTo("running");
        silentFor("31 seconds");
        assertThat(found().state()).isEqualTo("lost");
        assertThat(get(simulations.page(null, 10)).get(0).state()).isEqualTo("lost");
        get(simulations.alive(List.of(new Simulations.Place(id, 1, null))));
        assertThat(found().state()).isEqualTo("running");

        get(simulations.lost(List.of(id)));
        assertThat(found().state()).isEqualTo("lost");
        get(simulations.done(new Simulations.Place(id, 1, 1L), "{}"));
        assertThat(found().state()).as("its replica stopped").isEqualTo("lost");
    }

    @Test
    void theNewestAreListedFirstPageByPage() throws SQLException {
        for (int i = 1; i <= 5; i++) {
            created(new UUID(0, i));
            // Two of them at the same time
            database.execute("update simulation set created_at = now() - interval '%d hours' where simulation_id = '%s'"
                    .formatted(10 - (i == 3 ? 2 : i), new UUID(0, i)));
        }

        List<Simulation> first = get(simulations.page(null, 3));

        assertThat(first).extracting(Simulation::id).containsExactly(new UUID(0, 5), new UUID(0, 4), new UUID(0, 3));
        assertThat(first).allMatch(one -> one.request() == null && one.report() == null);
        assertThat(get(simulations.page(new UUID(0, 3), 3))).extracting(Simulation::id)
                .containsExactly(new UUID(0, 2), new UUID(0, 1));
        assertThat(get(simulations.page(new UUID(0, 9), 3))).isEmpty();
    }

    @Test
    void whatIsTooOldIsDeleted() throws SQLException {
        created();
        database.execute("update simulation set created_at = now() - interval '7 days'");
        created(new UUID(0, 1));

        assertThat(get(simulations.deleteOlderThan(Duration.ofDays(7)))).isEqualTo(1);

        assertThat(get(simulations.page(null, 10))).extracting(Simulation::id).containsExactly(new UUID(0, 1));
    }
}
