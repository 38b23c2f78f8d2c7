package io.nextbestoffer.latest;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerErasure;
import io.nextbestoffer.history.LineIndex;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * The table of the latest offer of each customer: a view of the committed decisions. Statements that change several
 * rows lock them in the order of the C collation, so that no two of them deadlock: in SQL by {@code collate "C"}, in
 * Java by {@link CodePointOrder}.
 */
@ApplicationScoped
@Priority(20) // after the decision log, before parked activities: see CustomerErasure
class LatestOffers implements CustomerErasure {

    /** Timeout for the look-up of one offer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Bounds the memory and the time of a statement. */
    private static final int ROWS_PER_STATEMENT = 5_000;

    private final Pool postgres;

    LatestOffers(Pool postgres) {
        this.postgres = postgres;
    }

    /**
     * The latest offer of a customer.
     *
     * @param decision the offer record that was sent, in JSON; null if there is none yet
     * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
     * @param position of the activity; null if there is no offer yet
     */
    record Found(boolean customerKnown, @Nullable String decision, @Nullable String inputs,
            @Nullable RecordPosition position) {
    }

    Uni<Found> find(String customer) {
        return postgres.preparedQuery("""
                select c.customer_id is not null, l.decision, l.inputs, l.topic_id, l.topic_partition, l.topic_offset
                from (values ($1::text)) as asked (id)
                left join customer c on c.customer_id = asked.id and c.attributes is not null
                left join latest_offer l on l.customer_id = c.customer_id
                """)
                .execute(Tuple.of(customer))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Found(row.getBoolean(0), row.getString(1), row.getString(2), row.getUUID(3) == null
                            ? null
                            : new RecordPosition(row.getUUID(3), row.getInteger(4), row.getLong(5)));
                })
                .ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * A decision to store.
     *
     * @param position of the activity
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param customer id as text
     * @param decision the offer record that was sent, in JSON
     * @param inputs JSON of the inputs of the decision; null if the offer record contains them all
     */
    record Decided(RecordPosition position, long recordTime, String customer, UUID decisionId, Instant decidedAt,
            LineIndex.Slice decision, LineIndex.@Nullable Slice inputs) {

        static Decided later(Decided old, Decided fresh) {
            return fresh.replaces(old) ? fresh : old;
        }

        /** Whether this decision replaces an older one of the same customer, by the same rule as in the statements. */
        boolean replaces(Decided old) {
            boolean samePartition = position.topicId().equals(old.position.topicId())
                    && position.partition() == old.position.partition();
            return samePartition
                    ? position.offset() >= old.position.offset()
                    : recordTime >= old.recordTime;
        }
    }

    /**
     * Updates rows that exist. It does not join the customers: that would cost half as much again, usually for nothing,
     * because the delete of a customer deletes their row. It locks rows in the order of the arrays, because the
     * connection's settings allow only a nested loop, which follows them.
     */
    private static final String UPDATE = """
            update latest_offer l
            set decision = convert_from(n.decision, 'UTF8'), inputs = convert_from(n.inputs, 'UTF8'),
                topic_id = n.topic, topic_partition = n.part, topic_offset = n.off, record_ts_ms = n.ts
            from unnest($1::text[], $2::bytea[], $3::bytea[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[])
                as n (id, decision, inputs, topic, part, off, ts)
            where l.customer_id = n.id
                and case when (l.topic_id, l.topic_partition) = (n.topic, n.part)
                    then l.topic_offset <= n.off else l.record_ts_ms <= n.ts end
            """;

    /**
     * Inserts rows, or replaces earlier decisions of rows that exist. It skips customers who are unknown, or were
     * deleted after the decision.
     */
    private static final String INSERT = """
            insert into latest_offer as l
                (customer_id, decision, inputs, topic_id, topic_partition, topic_offset, record_ts_ms)
            select n.id, convert_from(n.decision, 'UTF8'), convert_from(n.inputs, 'UTF8'),
                n.topic, n.part, n.off, n.ts
            from unnest($1::text[], $2::bytea[], $3::bytea[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[],
                $8::timestamptz[]) as n (id, decision, inputs, topic, part, off, ts, decided_at)
            join customer c on c.customer_id = n.id and c.attributes is not null
                and (c.erased_at is null or c.erased_at < n.decided_at)
            order by n.id collate "C"
            on conflict (customer_id) do update
            set decision = excluded.decision, inputs = excluded.inputs, topic_id = excluded.topic_id,
                topic_partition = excluded.topic_partition, topic_offset = excluded.topic_offset,
                record_ts_ms = excluded.record_ts_ms
            where case when (l.topic_id, l.topic_partition) = (excluded.topic_id, excluded.topic_partition)
                then l.topic_offset <= excluded.topic_offset else l.record_ts_ms <= excluded.record_ts_ms end
            """;

    /**
     * The same, without rows that have the decision already. Offers are not compared by their text: JSON read from Avro
     * differs, and its times are milliseconds.
     */
    private static final String RESTORE = INSERT + """
            and (l.decision::json ->> 'decision_id',
                    date_trunc('milliseconds', (l.decision::json ->> 'decided_at')::timestamptz))
                is distinct from (excluded.decision::json ->> 'decision_id',
                    date_trunc('milliseconds', (excluded.decision::json ->> 'decided_at')::timestamptz))
            """;

    /**
     * Stores decisions unless a later one of the same customer is stored. Within one partition, a decision replaces one
     * whose offset is not greater; a decision of another partition or topic replaces one whose timestamp is not later.
     * Nothing is stored for a customer who was deleted meanwhile. Repeatable.
     *
     * @param latest one decision per customer
     */
    Uni<Void> save(Collection<Decided> latest) {
        var sorted = new ArrayList<>(latest);
        sorted.sort(Comparator.comparing(Decided::customer, CodePointOrder.INSTANCE));
        Uni<Void> saved = Uni.createFrom().voidItem();
        for (int begin = 0; begin < sorted.size(); begin += ROWS_PER_STATEMENT) {
            List<Decided> chunk = sorted.subList(begin, Math.min(begin + ROWS_PER_STATEMENT, sorted.size()));
            saved = saved.chain(() -> saveChunk(chunk));
        }
        return saved;
    }

    private Uni<Void> saveChunk(List<Decided> chunk) {
        List<Object> columns = columns(chunk);
        return postgres.preparedQuery(UPDATE).execute(Tuple.tuple(columns))
                .chain(updated -> updated.rowCount() == chunk.size()
                        ? Uni.createFrom().voidItem()
                        : notStored(columns, chunk).chain(this::insert));
    }

    /**
     * Returns the decisions of which neither they nor later ones are stored: their customers had no row a moment ago.
     * With several replicas, another one has mostly stored a later decision, so these are few.
     */
    private Uni<List<Decided>> notStored(List<Object> columns, List<Decided> chunk) {
        var keys = new ArrayList<>(columns);
        keys.subList(1, 3).clear();
        return postgres.preparedQuery("""
                select n.id from unnest($1::text[], $2::uuid[], $3::int[], $4::bigint[], $5::bigint[])
                    as n (id, topic, part, off, ts)
                where not exists (select from latest_offer l where l.customer_id = n.id
                    and case when (l.topic_id, l.topic_partition) = (n.topic, n.part)
                        then l.topic_offset >= n.off else l.record_ts_ms >= n.ts end)
                """)
                .execute(Tuple.tuple(keys))
                .map(rows -> {
                    var customers = new HashSet<String>();
                    rows.forEach(row -> customers.add(row.getString(0)));
                    return chunk.stream().filter(one -> customers.contains(one.customer())).toList();
                });
    }

    private Uni<Void> insert(List<Decided> notStored) {
        return notStored.isEmpty()
                ? Uni.createFrom().voidItem()
                : postgres.preparedQuery(INSERT).execute(withTimes(columns(notStored), notStored)).replaceWithVoid();
    }

    private static List<Object> columns(List<Decided> rows) {
        int n = rows.size();
        var customers = new String[n];
        var decisions = new Buffer[n];
        var inputs = new Buffer[n];
        var topics = new UUID[n];
        var partitions = new Integer[n];
        var offsets = new Long[n];
        var times = new Long[n];
        for (int i = 0; i < n; i++) {
            Decided row = rows.get(i);
            customers[i] = row.customer();
            decisions[i] = Buffer.buffer(row.decision().copy());
            inputs[i] = row.inputs() == null ? null : Buffer.buffer(row.inputs().copy());
            topics[i] = row.position().topicId();
            partitions[i] = row.position().partition();
            offsets[i] = row.position().offset();
            times[i] = row.recordTime();
        }
        return new ArrayList<>(Arrays.asList(customers, decisions, inputs, topics, partitions, offsets, times));
    }

    private static Tuple withTimes(List<Object> columns, List<Decided> rows) {
        return Tuple.tuple(columns).addArrayOfOffsetDateTime(
                rows.stream().map(row -> row.decidedAt().atOffset(ZoneOffset.UTC)).toArray(OffsetDateTime[]::new));
    }

    /**
     * Stores past decisions again where nothing later is stored. It skips customers who are unknown or deleted, and
     * decisions from before a customer was deleted and came back.
     *
     * @return how many were stored
     */
    Uni<Integer> restore(Collection<Decided> past) {
        var latest = new TreeMap<String, Decided>(CodePointOrder.INSTANCE);
        past.forEach(one -> latest.merge(one.customer(), one, Decided::later));
        List<Decided> rows = List.copyOf(latest.values());
        return postgres.preparedQuery(RESTORE).execute(withTimes(columns(rows), rows))
                .map(stored -> stored.rowCount());
    }

    /**
     * Deletes the latest offers of customers. The table lock waits for transactions that are storing decisions: one
     * that read the customer before the delete must not store an offer after it.
     */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return transaction.query("lock table latest_offer in share row exclusive mode").execute()
                .chain(() -> transaction.preparedQuery("delete from latest_offer where customer_id = any($1)")
                        .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new))))
                .replaceWithVoid();
    }
}
