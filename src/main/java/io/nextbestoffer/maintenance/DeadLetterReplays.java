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

import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/** The table of dead letters that were sent again, by rounds. */
@ApplicationScoped
class DeadLetterReplays {

    private final Pool postgres;

    DeadLetterReplays(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * Settles what a crash left open: a round is done if its number was committed with its records.
     *
     * @param committed number of the last round that was; null if Kafka does not know: then nothing is sent twice
     * @return the greatest number there is; 0 if there is none
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

    /** Forgets those that the topic has no more. */
    Uni<Void> purge(UUID topicId, int partition, long begin) {
        return postgres.preparedQuery("""
                delete from dead_letter_replay
                where topic_id = $1 and topic_partition = $2 and topic_offset < $3
                """).execute(Tuple.of(topicId, partition, begin)).replaceWithVoid();
    }

    /**
     * Repeatable.
     *
     * @param operation that sends them; one that counts as lost takes none, for another may have the round
     * @return those of them that were not taken before
     */
    Uni<Set<RecordPosition>> take(Collection<RecordPosition> letters, UUID topicId, long round, UUID operation) {
        return postgres.preparedQuery("""
                insert into dead_letter_replay as r (topic_id, topic_partition, topic_offset, round)
                select $1, part, off, $4 from unnest($2::int[], $3::bigint[]) as n (part, off)
                where exists (select from operation where operation_id = $5 and state = 'running' for share)
                order by part, off
                on conflict (topic_id, topic_partition, topic_offset) do update set round = excluded.round
                where not r.done and r.round = excluded.round
                returning topic_partition, topic_offset
                """)
                .execute(Tuple.of(topicId, partitions(letters), offsets(letters), round, operation))
                .map(rows -> new HashSet<>(positions(topicId, rows).keySet()));
    }

    /** Repeatable. */
    Uni<Void> done(UUID topicId, long round) {
        return postgres.preparedQuery("""
                update dead_letter_replay set done = true, replayed_at = now() where topic_id = $1 and round = $2
                """).execute(Tuple.of(topicId, round)).replaceWithVoid();
    }

    /** @return when those of them were sent again that were */
    Uni<Map<RecordPosition, Instant>> find(Collection<RecordPosition> letters, UUID topicId) {
        return postgres.preparedQuery("""
                select topic_partition, topic_offset, replayed_at from dead_letter_replay
                where done and topic_id = $1
                    and (topic_partition, topic_offset) in (select * from unnest($2::int[], $3::bigint[]))
                """)
                .execute(Tuple.of(topicId, partitions(letters), offsets(letters)))
                .map(rows -> positions(topicId, rows));
    }

    private static Map<RecordPosition, Instant> positions(UUID topicId, RowSet<Row> rows) {
        var positions = new HashMap<RecordPosition, Instant>();
        for (Row row : rows) {
            positions.put(new RecordPosition(topicId, row.getInteger(0), row.getLong(1)),
                    row.size() > 2 ? row.getOffsetDateTime(2).toInstant() : Instant.EPOCH);
        }
        return positions;
    }

    private static Integer[] partitions(Collection<RecordPosition> letters) {
        return letters.stream().map(RecordPosition::partition).toArray(Integer[]::new);
    }

    private static Long[] offsets(Collection<RecordPosition> letters) {
        return letters.stream().map(RecordPosition::offset).toArray(Long[]::new);
    }
}
