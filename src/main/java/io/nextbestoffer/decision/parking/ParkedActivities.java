package io.nextbestoffer.decision.parking;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerErasure;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The table of activities whose customer is not known yet, by their position in the input. A row gets a release number
 * before its offer goes out; the number is committed with the offer, as metadata of the partition's offset. So after
 * a crash it is known which numbered rows are done.
 */
@ApplicationScoped
@Priority(10)
public // after latest offers: see CustomerErasure
class ParkedActivities implements CustomerErasure {

    /**
     * Rows that are changed by several at once are locked in the order of their positions first: else two statements
     * would wait for each other. What a statement locks is formatted into this.
     */
    private static final String LOCKED = """
            with locked as (
                select p.topic_id, p.topic_partition, p.topic_offset%s
                order by p.topic_id, p.topic_partition, p.topic_offset
                for update of p
            )
            """;

    private static final String IS_LOCKED = """
            (p.topic_id, p.topic_partition, p.topic_offset) = (l.topic_id, l.topic_partition, l.topic_offset)
            """;

    private final Pool postgres;

    ParkedActivities(Pool postgres) {
        this.postgres = postgres;
    }

    /** An activity to park. */
    public record NewParkedActivity(RecordPosition position, String customer, ConsumerRecord<byte[], byte[]> record) {

        public ParkedKey place() {
            return new ParkedKey(position.partition(), position.offset(), customer);
        }
    }

    /** Where a parked row is. @param customer null if he was erased */
    record ParkedKey(int partition, long offset, @Nullable String customer) {
    }

    /** A place, and since when. */
    record Waiting(ParkedKey place, Instant since) {
    }

    /** Why a row may go now. */
    enum Reason {
        CUSTOMER_KNOWN, ERASED, EXPIRED
    }

    /** A row that may go now. */
    record Due(RecordPosition position, Reason reason, @Nullable String customer, byte @Nullable [] key,
            byte @Nullable [] value, Headers headers, long recordTime) {

        ParkedKey place() {
            return new ParkedKey(position.partition(), position.offset(), customer);
        }
    }

    /** Repeatable: a position that is parked already stays as it is. */
    Uni<Void> park(SqlConnection transaction, List<NewParkedActivity> parked) {
        if (parked.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return transaction.preparedQuery("""
                insert into parked_activity (topic_id, topic_partition, topic_offset, customer_id,
                    record_key, record_value, record_headers, record_ts_ms)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                on conflict do nothing
                """)
                .executeBatch(parked.stream().map(row -> Tuple.tuple().addUUID(row.position().topicId())
                        .addInteger(row.position().partition()).addLong(row.position().offset())
                        .addString(row.customer())
                        .addValue(buffer(row.record().key()))
                        .addValue(buffer(row.record().value()))
                        .addValue(buffer(ParkedHeaderCodec.write(row.record().headers())))
                        .addLong(row.record().timestamp())).toList())
                .replaceWithVoid();
    }

    /**
     * Rows whose own offset is committed and whose customer has come, was erased, or did not come in time. Those that
     * will be dead letters come first: they wait for nothing, least of all for as many others that do.
     *
     * @param committed offsets by partition
     */
    Uni<List<Due>> due(UUID topicId, Map<Integer, Long> committed, Duration timeout, int limit) {
        return postgres.preparedQuery("""
                select p.topic_partition, p.topic_offset, p.customer_id, p.record_key, p.record_value,
                    p.record_headers, p.record_ts_ms,
                    case when p.customer_id is null then 'ERASED'
                        when c.customer_id is not null then 'CUSTOMER_KNOWN' else 'EXPIRED' end
                from unnest($2::int[], $3::bigint[]) as done (part, off)
                join parked_activity p on p.topic_id = $1 and p.topic_partition = done.part
                    and p.topic_offset < done.off and p.release_number is null
                left join customer c on c.customer_id = p.customer_id and c.attributes is not null
                where p.customer_id is null or c.customer_id is not null
                    or p.parked_at < now() - $4::bigint * interval '1 millisecond'
                order by c.customer_id is not null, p.topic_partition, p.topic_offset
                limit $5
                """)
                .execute(Tuple.of(topicId, committed.keySet().toArray(Integer[]::new),
                        committed.values().toArray(Long[]::new), timeout.toMillis(), limit))
                .map(rows -> {
                    var due = new ArrayList<Due>();
                    for (Row row : rows) {
                        due.add(new Due(new RecordPosition(topicId, row.getInteger(0), row.getLong(1)),
                                Reason.valueOf(row.getString(7)), row.getString(2), bytes(row, 3), bytes(row, 4),
                                ParkedHeaderCodec.read(bytes(row, 5)), row.getLong(6)));
                    }
                    return due;
                });
    }

    /** Numbers rows that are about to go out. */
    Uni<Void> number(SqlConnection transaction, UUID topicId, Collection<ParkedKey> places,
            Map<Integer, Long> numbers) {
        var partitions = new ArrayList<Integer>();
        var offsets = new ArrayList<Long>();
        var ofRow = new ArrayList<Long>();
        for (ParkedKey place : places) {
            partitions.add(place.partition());
            offsets.add(place.offset());
            ofRow.add(numbers.get(place.partition()));
        }
        return transaction.preparedQuery(LOCKED.formatted("""
                , n.number
                from parked_activity p
                join unnest($2::int[], $3::bigint[], $4::bigint[]) as n (part, off, number)
                    on p.topic_id = $1 and p.topic_partition = n.part and p.topic_offset = n.off
                """) + "update parked_activity p set release_number = l.number from locked l where " + IS_LOCKED)
                .execute(Tuple.of(topicId, partitions.toArray(Integer[]::new), offsets.toArray(Long[]::new),
                        ofRow.toArray(Long[]::new)))
                .replaceWithVoid();
    }

    /** Deletes what is done: rows numbered up to what was committed with their offers. */
    Uni<Void> deleteReleased(UUID topicId, Map<Integer, Long> released) {
        return postgres
                .preparedQuery(numbered("<=") + "delete from parked_activity p using locked l where " + IS_LOCKED)
                .execute(numbers(topicId, released))
                .replaceWithVoid();
    }

    /** Takes back numbers that were not committed. */
    Uni<Void> takeBack(SqlConnection transaction, UUID topicId, Map<Integer, Long> released) {
        return transaction
                .preparedQuery(numbered(">") + "update parked_activity p set release_number = null from locked l where "
                        + IS_LOCKED)
                .execute(numbers(topicId, released))
                .replaceWithVoid();
    }

    private static String numbered(String comparison) {
        return LOCKED.formatted("""

                from parked_activity p
                join unnest($2::int[], $3::bigint[]) as done (part, number)
                    on p.topic_id = $1 and p.topic_partition = done.part and p.release_number %s done.number
                """.formatted(comparison));
    }

    /** What is parked in these partitions, and not released, in the order in which it was parked. */
    Uni<List<Waiting>> places(UUID topicId, Collection<Integer> partitions) {
        return postgres.preparedQuery("""
                select topic_partition, topic_offset, customer_id, parked_at from parked_activity
                where topic_id = $1 and topic_partition = any($2) and release_number is null
                order by topic_partition, topic_offset
                """)
                .execute(Tuple.of(topicId, partitions.toArray(Integer[]::new)))
                .map(rows -> {
                    var places = new ArrayList<Waiting>();
                    rows.forEach(row -> places.add(new Waiting(
                            new ParkedKey(row.getInteger(0), row.getLong(1), row.getString(2)),
                            row.get(OffsetDateTime.class, 3).toInstant())));
                    return places;
                });
    }

    /** Blanks what they did at once; their positions go to the dead-letter topic. */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return transaction.preparedQuery(LOCKED.formatted("""

                from parked_activity p where p.customer_id = any($1)
                """) + """
                update parked_activity p
                set customer_id = null, record_key = null, record_value = null, record_headers = null
                from locked l where
                """ + IS_LOCKED)
                .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new)))
                .replaceWithVoid();
    }

    private static Tuple numbers(UUID topicId, Map<Integer, Long> released) {
        return Tuple.of(topicId, released.keySet().toArray(Integer[]::new), released.values().toArray(Long[]::new));
    }

    private static @Nullable Buffer buffer(byte @Nullable [] bytes) {
        return bytes == null ? null : Buffer.buffer(bytes);
    }

    private static byte @Nullable [] bytes(Row row, int column) {
        var buffer = row.getBuffer(column);
        return buffer == null ? null : buffer.getBytes();
    }
}
