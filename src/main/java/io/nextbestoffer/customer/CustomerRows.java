package io.nextbestoffer.customer;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/** The SQL statements on the table of customers, or on a temporary table with the same columns. */
@ApplicationScoped
class CustomerRows {

    private static final int ERASURE_CHUNK = 10_000;

    private final Pool postgres;
    private final String table;
    private final String truncations;
    private final boolean isTemporary;

    @Inject
    CustomerRows(Pool postgres) {
        this(postgres, "customer", "customer_truncation", false);
    }

    private CustomerRows(Pool postgres, String table, String truncations, boolean isTemporary) {
        this.postgres = postgres;
        this.table = table;
        this.truncations = truncations;
        this.isTemporary = isTemporary;
    }

    /**
     * Returns the statements on temporary tables, which only one connection sees.
     *
     * @param table a copy of the table of customers
     * @param truncations a copy of the table of truncates
     */
    static CustomerRows temporary(Pool postgres, String table, String truncations) {
        return new CustomerRows(postgres, table, truncations, true);
    }

    /**
     * A customer as stored.
     *
     * @param order the order of the change that was applied last
     * @param rowKey the key of the bank's row, as {@link CustomerChange.OfOne#rowKey}
     * @param readAt when the row was last read, by {@link System#nanoTime}
     */
    record Stored(Customer customer, ChangeOrder order, @Nullable String rowKey, long readAt) {
    }

    /**
     * Applies changes of different customers. Changes that are older than the stored ones are ignored, and so are
     * deletes of another row of a customer.
     */
    Uni<Applied> apply(SqlConnection transaction, Collection<? extends CustomerChange.OfOne> changes) {
        int n = changes.size();
        var ids = new String[n];
        var numeric = new Boolean[n];
        var attributes = new String[n];
        var lsns = new Long[n];
        var times = new Long[n];
        var topics = new UUID[n];
        var partitions = new Integer[n];
        var offsets = new Long[n];
        var missing = new String[n];
        var rowKeys = new String[n];
        int i = 0;
        for (var change : changes) {
            ids[i] = change.id().text();
            numeric[i] = change.id().number();
            if (change instanceof CustomerChange.Stored stored) {
                attributes[i] = JsonWriter.text(stored.customer().attributes()::writeTo);
                missing[i] = stored.missing().isEmpty()
                        ? null
                        : JsonWriter.text(json -> Attributes.writeValue(json, stored.missing()));
            }
            rowKeys[i] = change.rowKey();
            lsns[i] = change.order().lsn();
            times[i] = change.order().sourceTime();
            topics[i] = change.order().position().topicId();
            partitions[i] = change.order().position().partition();
            offsets[i++] = change.order().position().offset();
        }
        // A deletion marker without erased_at was written by a release that did not store that time
        return transaction
                .preparedQuery(
                        """
                                insert into %1$s as c (customer_id, numeric_id, attributes, lsn, source_ts_ms,
                                    topic_id, topic_partition, topic_offset, erased_at, missing_attributes, row_key)
                                select n.id, n.numeric_id, n.attributes::json, n.lsn, n.ts, n.topic, n.part, n.off,
                                    case when n.attributes is null then coalesce(source_time(n.ts), now())
                                        else (select f.truncated_at from %2$s f) end,
                                    case when n.missing is not null
                                        then array(select json_array_elements_text(n.missing::json)) end,
                                    n.row_key
                                from unnest($1::text[], $2::boolean[], $3::text[], $4::bigint[], $5::bigint[],
                                    $6::uuid[], $7::int[], $8::bigint[], $9::text[], $10::text[])
                                    as n (id, numeric_id, attributes, lsn, ts, topic, part, off, missing, row_key)
                                where not exists (
                                    select from %2$s t
                                    where change_is_older(n.lsn, n.ts, n.topic, n.part, n.off,
                                        t.lsn, t.source_ts_ms, t.topic_id, t.topic_partition, t.topic_offset))
                                order by n.id collate "C"
                                on conflict (customer_id) do update
                                set numeric_id = excluded.numeric_id,
                                    attributes = case when excluded.missing_attributes is null then excluded.attributes
                                        else with_missing_attributes(
                                            excluded.attributes, excluded.missing_attributes, c.attributes) end,
                                    lsn = coalesce(excluded.lsn, c.lsn),
                                    source_ts_ms = coalesce(excluded.source_ts_ms, c.source_ts_ms),
                                    topic_id = excluded.topic_id,
                                    topic_partition = excluded.topic_partition,
                                    topic_offset = excluded.topic_offset,
                                    changed_at = now(),
                                    erased_at = case when excluded.attributes is null and c.attributes is not null
                                        then excluded.erased_at
                                        else coalesce(c.erased_at, case when c.attributes is null then c.changed_at end,
                                            excluded.erased_at) end,
                                    missing_attributes = case when excluded.missing_attributes is not null
                                        then nullif(array(
                                        select m.name
                                        from unnest(excluded.missing_attributes) with ordinality as m (name, place)
                                        where not exists (select from json_object_keys(c.attributes) k where k = m.name)
                                        order by m.place), '{}') end,
                                    row_key = case when excluded.attributes is not null then excluded.row_key end
                                where not change_is_older(
                                    excluded.lsn, excluded.source_ts_ms,
                                    excluded.topic_id, excluded.topic_partition, excluded.topic_offset,
                                    c.lsn, c.source_ts_ms, c.topic_id, c.topic_partition, c.topic_offset)
                                    and (excluded.attributes is not null
                                        or coalesce(excluded.row_key = c.row_key, true))
                                returning customer_id, attributes is null, cardinality(missing_attributes)
                                """
                                .formatted(table, truncations))
                .execute(Tuple.tuple().addArrayOfString(ids).addArrayOfBoolean(numeric).addArrayOfString(attributes)
                        .addArrayOfLong(lsns).addArrayOfLong(times).addArrayOfUUID(topics)
                        .addArrayOfInteger(partitions).addArrayOfLong(offsets).addArrayOfString(missing)
                        .addArrayOfString(rowKeys))
                .map(CustomerRows::applied);
    }

    private static Applied applied(RowSet<Row> applied) {
        var deleted = new ArrayList<String>();
        int missing = 0;
        for (Row row : applied) {
            if (row.getBoolean(1)) {
                deleted.add(row.getString(0));
            }
            missing += Objects.requireNonNullElse(row.getInteger(2), 0);
        }
        return new Applied(applied.size(), deleted, missing);
    }

    /**
     * The effect of some changes.
     *
     * @param count changes that were applied
     * @param deleted ids of the customers that they deleted
     * @param missing attributes whose values are unknown: neither sent by Postgres nor stored
     */
    record Applied(int count, List<String> deleted, int missing) {

        static final Applied NOTHING = new Applied(0, List.of(), 0);

        Applied plus(Applied other) {
            var both = new ArrayList<>(deleted);
            both.addAll(other.deleted);
            return new Applied(count + other.count, both, missing + other.missing);
        }
    }

    /**
     * Waits until no other transaction writes customers, and keeps others waiting until this one ends. Truncates need
     * this, because they lock every row: otherwise the transactions of two replicas could deadlock.
     */
    Uni<Void> lockForTruncate(SqlConnection transaction) {
        return isTemporary
                ? Uni.createFrom().voidItem()
                : transaction.query("lock table " + table + " in share row exclusive mode").execute().replaceWithVoid();
    }

    /** Stores a truncate: changes that are older are ignored from now on. */
    Uni<Void> truncated(SqlConnection transaction, ChangeOrder order) {
        return transaction.preparedQuery("""
                insert into %s as t (lsn, source_ts_ms, topic_id, topic_partition, topic_offset, truncated_at)
                values ($1, $2, $3, $4, $5, coalesce(source_time($2::bigint), now()))
                on conflict (only_row) do update
                set lsn = excluded.lsn, source_ts_ms = excluded.source_ts_ms, topic_id = excluded.topic_id,
                    topic_partition = excluded.topic_partition, topic_offset = excluded.topic_offset,
                    truncated_at = excluded.truncated_at
                where not change_is_older(
                    excluded.lsn, excluded.source_ts_ms,
                    excluded.topic_id, excluded.topic_partition, excluded.topic_offset,
                    t.lsn, t.source_ts_ms, t.topic_id, t.topic_partition, t.topic_offset)
                """.formatted(truncations))
                .execute(order(order))
                .replaceWithVoid();
    }

    /** Locks and returns the customers whose last change was before these times, by the bank's clock. */
    Uni<List<String>> erasedSince(SqlConnection transaction, Map<String, OffsetDateTime> times) {
        return transaction.preparedQuery("""
                select c.customer_id
                from customer c join unnest($1::text[], $2::timestamptz[]) as n (id, erased_at) on c.customer_id = n.id
                where c.attributes is not null and source_time(c.source_ts_ms) < n.erased_at
                order by c.customer_id collate "C" for update of c
                """)
                .execute(times(times))
                .map(CustomerRows::ids);
    }

    private static Tuple times(Map<String, OffsetDateTime> times) {
        return Tuple.tuple().addArrayOfString(times.keySet().toArray(String[]::new))
                .addArrayOfOffsetDateTime(times.values().toArray(OffsetDateTime[]::new));
    }

    private static List<String> ids(Iterable<Row> rows) {
        var ids = new ArrayList<String>();
        rows.forEach(row -> ids.add(row.getString(0)));
        return ids;
    }

    /** Stores the times of erasure for customers who exist again. */
    Uni<Void> erasedAt(SqlConnection transaction, Map<String, OffsetDateTime> times) {
        return transaction.preparedQuery("""
                update customer c set erased_at = greatest(c.erased_at, n.erased_at)
                from unnest($1::text[], $2::timestamptz[]) as n (id, erased_at)
                where c.customer_id = n.id and c.attributes is not null
                """)
                .execute(times(times))
                .replaceWithVoid();
    }

    /** Stores the end of a snapshot of the bank's table. @param order the order of the snapshot's last row */
    Uni<Void> snapshotEnded(SqlConnection transaction, ChangeOrder order) {
        return transaction.preparedQuery("""
                insert into customer_snapshot as s (lsn, source_ts_ms) values ($1, $2)
                on conflict (only_row) do update set lsn = excluded.lsn, source_ts_ms = excluded.source_ts_ms
                where s.source_ts_ms < excluded.source_ts_ms
                """)
                .execute(Tuple.of(order.lsn(), order.sourceTime()))
                .replaceWithVoid();
    }

    /**
     * Deletes some of the customers whose last change is older than a truncate.
     *
     * @return the ids of the deleted customers; empty once none is left
     */
    Uni<List<String>> deleteTruncated(SqlConnection transaction, ChangeOrder order) {
        return transaction.preparedQuery("""
                delete from %1$s where customer_id in (
                    select c.customer_id from %1$s c
                    where change_is_older(c.lsn, c.source_ts_ms, c.topic_id, c.topic_partition, c.topic_offset,
                        $1, $2, $3, $4, $5)
                    order by c.customer_id
                    limit %2$d
                )
                returning customer_id
                """.formatted(table, ERASURE_CHUNK))
                .execute(order(order))
                .map(CustomerRows::ids);
    }

    private static Tuple order(ChangeOrder order) {
        return Tuple.of(order.lsn(), order.sourceTime(), order.position().topicId(), order.position().partition(),
                order.position().offset());
    }

    Uni<List<Stored>> load(Collection<String> ids) {
        return postgres.preparedQuery("""
                select customer_id, numeric_id, attributes::text, lsn, source_ts_ms,
                    topic_id, topic_partition, topic_offset, row_key
                from customer where customer_id = any($1) and attributes is not null
                """)
                .execute(Tuple.tuple().addArrayOfString(ids.toArray(String[]::new)))
                .map(CustomerRows::stored);
    }

    /** @param after the last id of the previous page; ids are ordered as text */
    Uni<List<Customer>> page(int limit, @Nullable String after) {
        return postgres.preparedQuery("""
                select customer_id, numeric_id, attributes::text, lsn, source_ts_ms,
                    topic_id, topic_partition, topic_offset, row_key
                from customer where attributes is not null and ($1::text is null or customer_id > $1)
                order by customer_id limit $2
                """)
                .execute(Tuple.of(after, limit))
                .map(rows -> stored(rows).stream().map(Stored::customer).toList());
    }

    /** Deletes the markers of customers who were deleted longer ago than this. */
    Uni<Integer> purgeMarkers(Duration age) {
        return postgres.preparedQuery("""
                delete from customer where attributes is null and changed_at < now() - $1::bigint * interval '1 second'
                """)
                .execute(Tuple.of(age.toSeconds()))
                .map(result -> result.rowCount());
    }

    private static List<Stored> stored(Iterable<Row> rows) {
        var found = new ArrayList<Stored>();
        long readAt = System.nanoTime();
        for (Row row : rows) {
            var id = new Id(row.getString(0), row.getBoolean(1));
            var order = new ChangeOrder(row.getLong(3), row.getLong(4),
                    new RecordPosition(row.getUUID(5), row.getInteger(6), row.getLong(7)));
            found.add(new Stored(new Customer(id, JsonReader.object(JsonReader.utf8(row.getString(2)))), order,
                    row.getString(8), readAt));
        }
        return found;
    }
}
