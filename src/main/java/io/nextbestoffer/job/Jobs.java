package io.nextbestoffer.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** The table of operations. Who cancels one changes its state, and the replica that runs it sees that. */
@ApplicationScoped
public class Jobs {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A replica that said nothing for so long is gone, or Postgres was; what it does then is harmless: it repeats. */
    private static final long HEARTBEAT_TIMEOUT_S = 30;
    private static final int KEPT_DAYS = 90;

    private static final String SELECT = """
            select operation_id, kind,
                case when state = 'running' and updated_at < now() - $1::bigint * interval '1 second'
                    then 'lost' else state end,
                instance, created_by, created_at, finished_at, done, total, result, problem
            from operation\s""";

    private final Pool postgres;

    Jobs(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * @param user who starts it; null if that is not known
     * @return false if one of the kind is running already, on whichever replica
     */
    Uni<Boolean> begin(UUID id, String kind, @Nullable String user, String instance) {
        return postgres.withTransaction(transaction -> transaction.preparedQuery("""
                update operation set state = 'lost', finished_at = now()
                where kind = $1 and state = 'running' and updated_at < now() - $2::bigint * interval '1 second'
                """).execute(Tuple.of(kind, HEARTBEAT_TIMEOUT_S))
                .chain(() -> transaction.preparedQuery("""
                        delete from operation where created_at < now() - $1::int * interval '1 day'
                        """).execute(Tuple.of(KEPT_DAYS)))
                .chain(() -> transaction.preparedQuery("""
                        insert into operation (operation_id, kind, created_by, instance) values ($1, $2, $3, $4)
                        on conflict do nothing
                        """).execute(Tuple.of(id, kind, user, instance))))
                .map(inserted -> inserted.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /** Says that it is there, and how far. @return whether it is to go on */
    Uni<Boolean> alive(UUID id, long done, @Nullable Long total) {
        return postgres.preparedQuery("""
                update operation set done = $2, total = $3, updated_at = now()
                where operation_id = $1 and state = 'running'
                """)
                .execute(Tuple.of(id, done, total))
                .map(updated -> updated.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /** @param problem without personal data */
    Uni<Void> end(UUID id, String state, long done, @Nullable Long total, @Nullable String result,
            @Nullable String problem) {
        return postgres.preparedQuery("""
                update operation
                set state = $2, done = $3, total = $4, result = $5, problem = $6, finished_at = now(),
                    updated_at = now()
                where operation_id = $1 and state = 'running'
                """)
                .execute(Tuple.of(id, state, done, total, result, problem))
                .replaceWithVoid().ifNoItem().after(TIMEOUT).fail();
    }

    /** Changes nothing if it is over. @return false if there is none */
    Uni<Boolean> cancel(UUID id) {
        return postgres.preparedQuery("""
                with cancelled as (
                    update operation set state = 'cancelled', finished_at = now()
                    where operation_id = $1 and state = 'running'
                )
                select exists (select from operation where operation_id = $1)
                """)
                .execute(Tuple.of(id))
                .map(found -> found.iterator().next().getBoolean(0)).ifNoItem().after(TIMEOUT).fail();
    }

    /** @return null if there is none */
    Uni<@Nullable Job> find(UUID id) {
        return postgres.preparedQuery(SELECT + "where operation_id = $2").execute(Tuple.of(HEARTBEAT_TIMEOUT_S, id))
                .map(found -> found.size() == 0 ? null : operation(found.iterator().next()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** The newest first. */
    Uni<List<Job>> newest(int limit) {
        return postgres.preparedQuery(SELECT + "order by created_at desc, operation_id desc limit $2")
                .execute(Tuple.of(HEARTBEAT_TIMEOUT_S, limit))
                .map(found -> {
                    List<Job> newest = new ArrayList<>();
                    found.forEach(row -> newest.add(operation(row)));
                    return newest;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** When one of this kind ended last, however it did, also unseen; null if none did. */
    public Uni<@Nullable Instant> lastEnd(String kind) {
        return postgres.preparedQuery("""
                select max(case when state <> 'running' then finished_at
                    when updated_at < now() - $2::bigint * interval '1 second' then updated_at end)
                from operation where kind = $1
                """).execute(Tuple.of(kind, HEARTBEAT_TIMEOUT_S))
                .map(found -> instant(found.iterator().next(), 0)).ifNoItem().after(TIMEOUT).fail();
    }

    private static Job operation(Row row) {
        return new Job(row.getUUID(0), row.getString(1), row.getString(2), row.getString(3), row.getString(4),
                instant(row, 5), instant(row, 6), row.getLong(7), row.getLong(8), row.getString(9), row.getString(10));
    }

    private static @Nullable Instant instant(Row row, int column) {
        var time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
