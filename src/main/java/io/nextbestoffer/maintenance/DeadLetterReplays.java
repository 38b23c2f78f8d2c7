package io.nextbestoffer.maintenance;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.job.JobProgress;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** The table of replayed dead letters, by rounds. */
@ApplicationScoped
class DeadLetterReplays {

    private final Pool postgres;

    DeadLetterReplays(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * Settles rounds that a crash left open: a round is done if its number was committed with its records.
     *
     * @param committed number of the last round that was committed; null if Kafka does not know it: then all open
     *     rounds count as done, so that nothing is sent twice
     * @return the greatest number of a round; 0 if there is none
     */
    Uni<Long> settle(UUID topicId, @Nullable Long committed) {
        return postgres.withTransaction(transaction -> transaction.preparedQuery("""
                update dead_letter_replay set done = true
                where topic_id = $1 and not done and ($2::bigint is null or round <= $2)
                """).execute(Tuple.of(topicId, committed))
                .chain(() -> transaction
                        .preparedQuery("delete from dead_letter_replay where topic_id = $1 and not done")
                        .execute(Tuple.of(topicId)))
                .chain(() -> transaction.preparedQuery("""
                        select coalesce(max(round), 0) from dead_letter_replay where topic_id = $1
                        """).execute(Tuple.of(topicId))))
                .map(found -> Math.max(found.iterator().next().getLong(0), committed == null ? 0 : committed));
    }

    /** Deletes the rows of letters that are no longer in the topic. */
    Uni<Void> purge(UUID topicId, int partition, long begin) {
        return postgres.preparedQuery("""
                delete from dead_letter_replay
                where topic_id = $1 and topic_partition = $2 and topic_offset < $3
                """).execute(Tuple.of(topicId, partition, begin)).replaceWithVoid();
    }

    /**
     * Takes letters for a round. Repeatable.
     *
     * @param job the job that sends them; it gets none if it is over or was taken over, because another attempt may use
     *     the same round
     * @return those that no earlier round took
     */
    Uni<Set<RecordPosition>> take(Collection<RecordPosition> letters, UUID topicId, long round, JobProgress job) {
        return postgres.preparedQuery("""
                insert into dead_letter_replay as r (topic_id, topic_partition, topic_offset, round, replayed_by)
                select $1, part, off, $4, $7 from unnest($2::int[], $3::bigint[]) as n (part, off)
                where exists (select from job where job_id = $5 and attempt = $6
                    and state in ('queued', 'running', 'paused') for share)
                order by part, off
                on conflict (topic_id, topic_partition, topic_offset) do update
                set round = excluded.round, replayed_by = excluded.replayed_by
                where not r.done and r.round = excluded.round
                returning topic_partition, topic_offset
                """)
                .execute(Tuple.from(new Object[]{topicId, partitions(letters), offsets(letters), round, job.id(),
                        job.attempt(), job.startedBy()}))
                .map(rows -> {
                    var taken = new HashSet<RecordPosition>();
                    rows.forEach(row -> taken.add(position(topicId, row)));
                    return taken;
                });
    }

    /** Marks a round as sent. Repeatable. */
    Uni<Void> done(UUID topicId, long round) {
        return postgres.preparedQuery("""
                update dead_letter_replay set done = true, replayed_at = now() where topic_id = $1 and round = $2
                """).execute(Tuple.of(topicId, round)).replaceWithVoid();
    }

    /** @param by the name of the actor that started the replay; null if unknown */
    record Replayed(Instant at, @Nullable String by) {
    }

    /** Returns when and by whom letters were replayed. Letters that were not replayed are left out. */
    Uni<Map<RecordPosition, Replayed>> find(Collection<RecordPosition> letters, UUID topicId) {
        return postgres.preparedQuery("""
                select topic_partition, topic_offset, replayed_at, replayed_by from dead_letter_replay
                where done and topic_id = $1
                    and (topic_partition, topic_offset) in (select * from unnest($2::int[], $3::bigint[]))
                """)
                .execute(Tuple.of(topicId, partitions(letters), offsets(letters)))
                .map(rows -> {
                    var replayed = new HashMap<RecordPosition, Replayed>();
                    rows.forEach(row -> replayed.put(position(topicId, row),
                            new Replayed(row.getOffsetDateTime(2).toInstant(), row.getString(3))));
                    return replayed;
                });
    }

    private static RecordPosition position(UUID topicId, Row row) {
        return new RecordPosition(topicId, row.getInteger(0), row.getLong(1));
    }

    private static Integer[] partitions(Collection<RecordPosition> letters) {
        return letters.stream().map(RecordPosition::partition).toArray(Integer[]::new);
    }

    private static Long[] offsets(Collection<RecordPosition> letters) {
        return letters.stream().map(RecordPosition::offset).toArray(Long[]::new);
    }
}
