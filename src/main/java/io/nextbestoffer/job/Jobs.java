package io.nextbestoffer.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.JobProgress.Report;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The table of jobs. State changes by users are written to it, and the replica that holds the job then applies them.
 * Statements fail with a {@link TimeoutException} after 10 s.
 */
@ApplicationScoped
public class Jobs {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * Limits the damage that a job can do by killing its replica, for example by using all memory: each takeover kills
     * another replica.
     */
    private static final int MAX_TAKEOVERS = 3;

    /** @param details SQL condition: whether to return parameters, checkpoints and results, which can be large */
    private static String columns(String details) {
        return """
                job_id, kind, subject, state, replica, attempt, created_by, paused_by, resumed_by, cancelled_by,
                created_at, started_at, finished_at, done, total, case when %1$s then parameters end,
                case when %1$s then checkpoint end, case when %1$s then result end, problem\s""".formatted(details);
    }

    private final Pool postgres;
    private final long heartbeatTimeoutMs;

    Jobs(Pool postgres, JobConfig config) {
        this.postgres = postgres;
        heartbeatTimeoutMs = config.heartbeatTimeout().toMillis();
    }

    /** @param noun the name of such a job in the API, in the singular */
    public JobCollection collection(String noun, Collection<String> kinds) {
        return new JobCollection(this, noun, List.copyOf(kinds));
    }

    /**
     * Inserts a job.
     *
     * @param by the name of the actor that starts it; null if unknown
     * @param replica the replica that holds the task in memory; null if any replica may run the job
     * @param room maximum number of queued and paused jobs of the kind
     * @return false if the kind is exclusive and another job is active, or if there is no room
     */
    Uni<Boolean> insert(UUID id, JobRequest request, @Nullable String by, @Nullable String replica, int room) {
        return postgres.preparedQuery("""
                insert into job (job_id, kind, subject, exclusive, repeatable, parameters, created_by, replica)
                select $1, $2, $3, $4, $5, $6, $7, $8
                where $4 or (select count(*) from job where kind = $2 and state in ('queued', 'paused')) < $9
                on conflict do nothing
                """)
                .execute(Tuple.from(new Object[]{id, request.kind().name(), request.subject(),
                        request.kind().isExclusive(), request.isRepeatable(), request.parameters(), by, replica,
                        (long) room}))
                .map(inserted -> inserted.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * Claims the oldest job of these kinds that can run: one that is queued, or whose replica has gone. A job that this
     * replica continues after a pause keeps its attempt.
     *
     * @param held jobs that this replica has in memory
     * @return null if there is none
     */
    Uni<@Nullable Job> claim(Collection<String> kinds, String replica, Collection<UUID> held) {
        return postgres.preparedQuery("""
                update job set state = 'running', replica = $2,
                    attempt = attempt + case when started_at is not null and job_id = any($3) then 0 else 1 end,
                    takeovers = takeovers + case when state = 'running' then 1 else 0 end,
                    heartbeat_at = now(), changed_at = now(), started_at = coalesce(started_at, now())
                where job_id = (
                    select job_id from job
                    where kind = any($1) and (
                        state = 'queued' and job_id = any($3)
                        or state = 'queued' and repeatable and (replica is null
                            or heartbeat_at < now() - $4::bigint * interval '1 millisecond')
                        or state = 'running' and repeatable
                            and heartbeat_at < now() - $4::bigint * interval '1 millisecond')
                    order by created_at, job_id limit 1 for update skip locked)
                returning\s""" + columns("true"))
                .execute(Tuple.of(kinds.toArray(String[]::new), replica, ids(held), heartbeatTimeoutMs))
                .map(Jobs::first).ifNoItem().after(TIMEOUT).fail();
    }

    /** A heartbeat of a job. */
    record Beat(UUID id, int attempt, Report report) {
    }

    /** Stores the progress of jobs. @return the states of those that this replica still holds */
    Uni<Map<UUID, JobState>> heartbeat(String replica, Collection<Beat> beats) {
        return postgres.preparedQuery("""
                update job j set done = n.done, total = n.total, checkpoint = coalesce(n.checkpoint, j.checkpoint),
                    heartbeat_at = now()
                from unnest($2::uuid[], $3::int[], $4::bigint[], $5::bigint[], $6::text[])
                    as n (id, attempt, done, total, checkpoint)
                where j.job_id = n.id and j.attempt = n.attempt and j.replica = $1
                    and j.state in ('queued', 'running', 'paused')
                returning j.job_id, j.state
                """)
                .execute(Tuple.of(replica, beats.stream().map(Beat::id).toArray(UUID[]::new),
                        beats.stream().map(Beat::attempt).toArray(Integer[]::new),
                        beats.stream().map(beat -> beat.report().done()).toArray(Long[]::new),
                        beats.stream().map(beat -> beat.report().total()).toArray(Long[]::new),
                        beats.stream().map(beat -> beat.report().checkpoint()).toArray(String[]::new)))
                .map(rows -> {
                    var states = new HashMap<UUID, JobState>();
                    rows.forEach(row -> states.put(row.getUUID(0), JobState.of(row.getString(1))));
                    return (Map<UUID, JobState>) states;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** Ends jobs whose replica has gone and that no other can run. @return how many */
    Uni<Integer> loseAbandoned() {
        return postgres.preparedQuery("""
                update job set state = 'lost', finished_at = now(), changed_at = now(),
                    problem = case when repeatable then 'its replica went away ' || takeovers + 1 || ' times'
                        else 'its replica went away, and no other replica has its data' end
                where job_id in (
                    select job_id from job
                    where state = any($1) and replica is not null
                        and heartbeat_at < now() - $2::bigint * interval '1 millisecond'
                        and (not repeatable or state = 'running' and takeovers >= $3)
                    order by job_id for update skip locked)
                """)
                .execute(Tuple.of(JobTransition.LOSE.from(), heartbeatTimeoutMs, MAX_TAKEOVERS))
                .map(RowSet::rowCount).ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * Releases the jobs of this replica, because it stops. Repeatable jobs are run by other replicas; the others are
     * lost.
     */
    Uni<Void> release(String replica, Collection<UUID> held) {
        return postgres.preparedQuery("""
                update job set state = case when not repeatable then 'lost' when state = any($3) then 'queued'
                        else state end,
                    problem = case when not repeatable
                        then 'its replica stopped, and no other replica has its data' end,
                    finished_at = case when not repeatable then now() end, changed_at = now(), replica = null
                where job_id = any($2) and replica = $1 and state in ('queued', 'running', 'paused')
                """)
                .execute(Tuple.of(replica, ids(held), JobTransition.RELEASE.from()))
                .replaceWithVoid().ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * Stores the end of an attempt.
     *
     * @param problem the reason of a failure, without personal data
     * @return false if the job was cancelled or taken over before
     */
    Uni<Boolean> end(JobTransition transition, UUID id, int attempt, Report report, @Nullable String result,
            @Nullable String problem) {
        return postgres.preparedQuery("""
                update job set state = $4, done = $5, total = $6, result = $7, problem = $8, finished_at = now(),
                    changed_at = now(), heartbeat_at = now()
                where job_id = $1 and attempt = $2 and state = any($3)
                """)
                .execute(Tuple.from(new Object[]{id, attempt, transition.from(), transition.to().text(),
                        report.done(), report.total(), result, problem}))
                .map(updated -> updated.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /** @return false if the state of the job does not allow it, or if there is no such job */
    Uni<Boolean> pause(UUID id, @Nullable String by) {
        return change(JobTransition.PAUSE, "paused_by", id, by);
    }

    /** @return false if the state of the job does not allow it, or if there is no such job */
    Uni<Boolean> resume(UUID id, @Nullable String by) {
        return change(JobTransition.RESUME, "resumed_by", id, by);
    }

    /** @return false if the state of the job does not allow it, or if there is no such job */
    Uni<Boolean> cancel(UUID id, @Nullable String by) {
        return change(JobTransition.CANCEL, "cancelled_by", id, by);
    }

    private Uni<Boolean> change(JobTransition transition, String byColumn, UUID id, @Nullable String by) {
        return postgres.preparedQuery("""
                update job set state = $2, %s = $4, changed_at = now(), finished_at = case when $5 then now() end
                where job_id = $1 and state = any($3)
                """.formatted(byColumn))
                .execute(Tuple.of(id, transition.to().text(), transition.from(), by, !transition.to().isActive()))
                .map(updated -> updated.rowCount() == 1).ifNoItem().after(TIMEOUT).fail();
    }

    /** @return null if there is none */
    Uni<@Nullable Job> find(UUID id) {
        return postgres.preparedQuery("select " + columns("true") + "from job where job_id = $1")
                .execute(Tuple.of(id)).map(Jobs::first).ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * @param before only jobs created before this one; null: the newest
     * @param details whether to include parameters and results
     * @return the newest first
     */
    Uni<List<Job>> page(Collection<String> kinds, @Nullable UUID before, int limit, boolean details) {
        return postgres.preparedQuery("select " + columns("$4") + """
                from job where kind = any($1) and ($2::uuid is null or (created_at, job_id) <
                    (select b.created_at, b.job_id from job b where b.job_id = $2))
                order by created_at desc, job_id desc limit $3
                """)
                .execute(Tuple.of(kinds.toArray(String[]::new), before, limit, details))
                .map(rows -> {
                    List<Job> page = new ArrayList<>();
                    rows.forEach(row -> page.add(job(row)));
                    return page;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** @return the number of jobs by kind and state; states without jobs are left out */
    Uni<Map<String, Map<JobState, Long>>> count() {
        return postgres.query("select kind, state, count(*) from job group by kind, state").execute()
                .map(rows -> {
                    Map<String, Map<JobState, Long>> counts = new HashMap<>();
                    rows.forEach(row -> counts.computeIfAbsent(row.getString(0), kind -> new EnumMap<>(JobState.class))
                            .put(JobState.of(row.getString(1)), row.getLong(2)));
                    return counts;
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** Returns when a job of this kind last changed its state; null if there was none. */
    public Uni<@Nullable Instant> lastChange(String kind) {
        return postgres.preparedQuery("select max(changed_at) from job where kind = $1").execute(Tuple.of(kind))
                .map(rows -> instant(rows.iterator().next(), 0)).ifNoItem().after(TIMEOUT).fail();
    }

    /** Deletes jobs of a kind that are neither queued nor running. @return how many */
    Uni<Integer> deleteOlderThan(Duration age, String kind) {
        return postgres.preparedQuery("""
                delete from job
                where kind = $1 and created_at < now() - $2::bigint * interval '1 second'
                    and state not in ('queued', 'running')
                """)
                .execute(Tuple.of(kind, age.toSeconds()))
                .map(RowSet::rowCount).ifNoItem().after(TIMEOUT).fail();
    }

    private static UUID[] ids(Collection<UUID> ids) {
        return ids.toArray(UUID[]::new);
    }

    private static @Nullable Job first(RowSet<Row> rows) {
        return rows.size() == 0 ? null : job(rows.iterator().next());
    }

    private static Job job(Row row) {
        return new Job(row.getUUID(0), row.getString(1), row.getString(2), JobState.of(row.getString(3)),
                row.getString(4), row.getInteger(5), row.getString(6), row.getString(7), row.getString(8),
                row.getString(9), instant(row, 10), instant(row, 11), instant(row, 12), row.getLong(13),
                row.getLong(14), row.getString(15), row.getString(16), row.getString(17), row.getString(18));
    }

    private static @Nullable Instant instant(Row row, int column) {
        var time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
