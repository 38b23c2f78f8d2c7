package io.nextbestoffer.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The table of simulations. Who cancels one changes its state, and the replica that runs it sees that; so all that
 * changes a state asks for the one before. Everything fails with a {@link TimeoutException} after 10 s.
 */
@ApplicationScoped
class Simulations {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A replica that said nothing for so long is gone, or Postgres was. If it comes back, so does its simulation. */
    static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

    private static final String COLUMNS = """
            select simulation_id,
                case when state in ('queued', 'running') and updated_at < now() - $1::bigint * interval '1 second'
                    then 'lost' else state end,
                strategy, created_by, instance, created_at, started_at, finished_at, done, total,\s""";

    private final Pool postgres;

    Simulations(Pool postgres) {
        this.postgres = postgres;
    }

    /** How far one is. */
    record Place(UUID id, long done, @Nullable Long total) {
    }

    Uni<Void> create(UUID id, @Nullable String by, String strategy, String request, String instance) {
        return postgres.preparedQuery("""
                insert into simulation (simulation_id, created_by, strategy, request, instance)
                values ($1, $2, $3, $4, $5)
                """)
                .execute(Tuple.of(id, by, strategy, request, instance))
                .replaceWithVoid().ifNoItem().after(TIMEOUT).fail();
    }

    /** @return false if it was cancelled */
    Uni<Boolean> begin(UUID id) {
        return postgres.preparedQuery("""
                update simulation set state = 'running', started_at = now(), updated_at = now()
                where simulation_id = $1 and state = 'queued'
                """)
                .execute(Tuple.of(id))
                .map(updated -> updated.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /** Says that they are there, and how far. @return those that are to go on */
    Uni<Set<UUID>> alive(Collection<Place> places) {
        return postgres.preparedQuery("""
                update simulation s set done = n.done, total = n.total, updated_at = now()
                from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as n (id, done, total)
                where s.simulation_id = n.id and s.state in ('queued', 'running')
                returning s.simulation_id
                """)
                .execute(Tuple.tuple().addArrayOfUUID(places.stream().map(Place::id).toArray(UUID[]::new))
                        .addArrayOfLong(places.stream().map(Place::done).toArray(Long[]::new))
                        .addArrayOfLong(places.stream().map(Place::total).toArray(Long[]::new)))
                .map(rows -> {
                    Set<UUID> alive = new HashSet<>();
                    rows.forEach(row -> alive.add(row.getUUID(0)));
                    return alive;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    Uni<Void> done(Place place, String report) {
        return end(place, "done", report, null);
    }

    /** @param problem without personal data */
    Uni<Void> failed(Place place, String problem) {
        return end(place, "failed", null, problem);
    }

    private Uni<Void> end(Place place, String state, @Nullable String report, @Nullable String problem) {
        return postgres.preparedQuery("""
                update simulation
                set state = $2, done = $3, total = $4, report = $5, problem = $6, finished_at = now(),
                    updated_at = now()
                where simulation_id = $1 and state = 'running'
                """)
                .execute(Tuple.of(place.id(), state, place.done(), place.total(), report, problem))
                .replaceWithVoid().ifNoItem().after(TIMEOUT).fail();
    }

    /** By the replica that had them, when it stops. */
    Uni<Void> lost(Collection<UUID> ids) {
        return postgres.preparedQuery("""
                update simulation set state = 'lost', finished_at = now()
                where simulation_id = any($1) and state in ('queued', 'running')
                """)
                .execute(Tuple.tuple().addArrayOfUUID(ids.toArray(UUID[]::new)))
                .replaceWithVoid().ifNoItem().after(TIMEOUT).fail();
    }

    /** Changes nothing if it is over. @return false if there is none */
    Uni<Boolean> cancel(UUID id) {
        return postgres.preparedQuery("""
                with cancelled as (
                    update simulation set state = 'cancelled', finished_at = now()
                    where simulation_id = $1 and state in ('queued', 'running')
                )
                select exists (select from simulation where simulation_id = $1)
                """)
                .execute(Tuple.of(id))
                .map(rows -> rows.iterator().next().getBoolean(0)).ifNoItem().after(TIMEOUT).fail();
    }

    /** @return null if there is none */
    Uni<@Nullable Simulation> find(UUID id) {
        return postgres.preparedQuery(COLUMNS + "request, report, problem from simulation where simulation_id = $2")
                .execute(Tuple.of(HEARTBEAT_TIMEOUT.toSeconds(), id))
                .map(rows -> rows.size() == 0 ? null : simulation(rows.iterator().next()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * @param before only those made before this one; null: the newest
     * @return without requests and reports, the newest first
     */
    Uni<List<Simulation>> page(@Nullable UUID before, int limit) {
        return postgres.preparedQuery(COLUMNS + """
                null, null, problem from simulation
                where $2::uuid is null or (created_at, simulation_id) <
                    (select b.created_at, b.simulation_id from simulation b where b.simulation_id = $2)
                order by created_at desc, simulation_id desc limit $3
                """)
                .execute(Tuple.of(HEARTBEAT_TIMEOUT.toSeconds(), before, limit))
                .map(rows -> {
                    List<Simulation> page = new ArrayList<>();
                    rows.forEach(row -> page.add(simulation(row)));
                    return page;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** @return how many */
    Uni<Integer> deleteOlderThan(Duration age) {
        return postgres.preparedQuery("""
                delete from simulation where created_at < now() - $1::bigint * interval '1 second'
                """)
                .execute(Tuple.of(age.toSeconds()))
                .map(deleted -> deleted.rowCount()).ifNoItem().after(TIMEOUT).fail();
    }

    private static Simulation simulation(Row row) {
        return new Simulation(row.getUUID(0), row.getString(1), row.getString(2), row.getString(3), row.getString(4),
                instant(row, 5), instant(row, 6), instant(row, 7),
                new Simulation.Progress(row.getLong(8), row.getLong(9)), row.getString(10), row.getString(11),
                row.getString(12));
    }

    private static @Nullable Instant instant(Row row, int column) {
        var time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
