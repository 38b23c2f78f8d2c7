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
 * before its offer is sent, and the number is committed with the offer, as metadata of the partition's offset. So after
 * a crash the committed number shows which numbered rows are done.
 */
@ApplicationScoped
@Priority(10) // after latest offers: see CustomerErasure
public class ParkedActivities implements CustomerErasure {

    /**
     * Begins a statement that changes several rows: it locks them in the order of their positions, so that no two
     * statements deadlock. The columns and tables are formatted into it.
     */
    private static final String LOCKED = """
            with locked as (
                select p.topic_id, p.topic_partition, p.topic_offset%s
                order by p.topic_id, p.topic_partition, p.topic_offset
                for update of p
            )
            """;

    private static final String MATCHES_LOCKED = """
            (p.topic_id, p.topic_partition, p.topic_offset) = (l.topic_id, l.topic_partition, l.topic_offset)
            """;

    private final Pool postgres;

    ParkedActivities(Pool postgres) {
        this.postgres = postgres;
    }

    /** An activity to park. */
    public record NewParkedActivity(RecordPosition position, String customer, ConsumerRecord<byte[], byte[]> record) {

        public ParkedKey key() {
            return new ParkedKey(position.partition(), position.offset(), customer);
        }
    }

    /** Identifies a parked activity within its topic. @param customer null if the customer was erased */
    public record ParkedKey(int partition, long offset, @Nullable String customer) {
    }

    /** A parked activity that is not released yet. */
    record WaitingActivity(ParkedKey key, Instant parkedAt) {
    }

    /** Why an activity is due. */
    public enum Reason {
        CUSTOMER_KNOWN, ERASED, EXPIRED
    }

    /** A parked activity to release now. @param recordTime Kafka's timestamp, in milliseconds of the Unix epoch */
    public record DueActivity(RecordPosition position, Reason reason, @Nullable String customer,
            byte @Nullable [] recordKey, byte @Nullable [] recordValue, Headers headers, long recordTime) {

        public ParkedKey key() {
            return new ParkedKey(position.partition(), position.offset(), customer);
        }
    }

    /** Stores activities. Repeatable: a position that is parked already stays unchanged. */
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
     * Returns activities whose own offset is committed and whose customer has arrived, was erased, or did not arrive in
     * time. Those that become dead letters come first, so that they don't wait behind many activities whose schemas are
     * missing.
     *
     * @param committed offsets by partition
     */
    public Uni<List<DueActivity>> due(UUID topicId, Map<Integer, Long> committed, Duration timeout, int limit) {
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
                    var due = new ArrayList<DueActivity>();
                    for (Row row : rows) {
                        due.add(new DueActivity(new RecordPosition(topicId, row.getInteger(0), row.getLong(1)),
                                Reason.valueOf(row.getString(7)), row.getString(2), bytes(row, 3), bytes(row, 4),
                                ParkedHeaderCodec.read(bytes(row, 5)), row.getLong(6)));
                    }
                    return due;
                });
    }

    /** Sets the release numbers of activities whose offers are about to be sent. */
    public Uni<Void> number(SqlConnection transaction, UUID topicId, Collection<ParkedKey> keys,
            Map<Integer, Long> numbers) {
        var partitions = new ArrayList<Integer>();
        var offsets = new ArrayList<Long>();
        var rowNumbers = new ArrayList<Long>();
        for (ParkedKey key : keys) {
            partitions.add(key.partition());
            offsets.add(key.offset());
            rowNumbers.add(numbers.get(key.partition()));
        }
        return transaction.preparedQuery(LOCKED.formatted("""
                , n.number
                from parked_activity p
                join unnest($2::int[], $3::bigint[], $4::bigint[]) as n (part, off, number)
                    on p.topic_id = $1 and p.topic_partition = n.part and p.topic_offset = n.off
                """) + "update parked_activity p set release_number = l.number from locked l where " + MATCHES_LOCKED)
                .execute(Tuple.of(topicId, partitions.toArray(Integer[]::new), offsets.toArray(Long[]::new),
                        rowNumbers.toArray(Long[]::new)))
                .replaceWithVoid();
    }

    /** Deletes the rows that are done: those numbered up to the committed release number. */
    public Uni<Void> deleteReleased(UUID topicId, Map<Integer, Long> released) {
        return postgres
                .preparedQuery(
                        lockedByNumber("<=") + "delete from parked_activity p using locked l where " + MATCHES_LOCKED)
                .execute(numbers(topicId, released))
                .replaceWithVoid();
    }

    /** Removes release numbers that were not committed. */
    Uni<Void> resetUncommitted(SqlConnection transaction, UUID topicId, Map<Integer, Long> released) {
        return transaction
                .preparedQuery(
                        lockedByNumber(">") + "update parked_activity p set release_number = null from locked l where "
                                + MATCHES_LOCKED)
                .execute(numbers(topicId, released))
                .replaceWithVoid();
    }

    private static String lockedByNumber(String comparison) {
        return LOCKED.formatted("""

                from parked_activity p
                join unnest($2::int[], $3::bigint[]) as done (part, number)
                    on p.topic_id = $1 and p.topic_partition = done.part and p.release_number %s done.number
                """.formatted(comparison));
    }

    /** Returns the activities of these partitions that are not released, in the order in which they were parked. */
    Uni<List<WaitingActivity>> waiting(UUID topicId, Collection<Integer> partitions) {
        return postgres.preparedQuery("""
                select topic_partition, topic_offset, customer_id, parked_at from parked_activity
                where topic_id = $1 and topic_partition = any($2) and release_number is null
                order by topic_partition, topic_offset
                """)
                .execute(Tuple.of(topicId, partitions.toArray(Integer[]::new)))
                .map(rows -> {
                    var waiting = new ArrayList<WaitingActivity>();
                    rows.forEach(row -> waiting.add(new WaitingActivity(
                            new ParkedKey(row.getInteger(0), row.getLong(1), row.getString(2)),
                            row.get(OffsetDateTime.class, 3).toInstant())));
                    return waiting;
                });
    }

    /** Erases the content of the activities at once. Their positions are released to the dead-letter topic. */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return transaction.preparedQuery(LOCKED.formatted("""

                from parked_activity p where p.customer_id = any($1)
                """) + """
                update parked_activity p
                set customer_id = null, record_key = null, record_value = null, record_headers = null
                from locked l where
                """ + MATCHES_LOCKED)
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
