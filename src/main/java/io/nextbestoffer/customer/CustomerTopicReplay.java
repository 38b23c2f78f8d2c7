package io.nextbestoffer.customer;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import io.nextbestoffer.attribute.Attributes;
import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.kafka.avro.RecordDecoder;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicReader;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Replays all changes that the topic still contains, while the stage continues. The changes are first applied to a
 * temporary table by the same rules; otherwise a customer who was deleted long ago would exist again until the replay
 * reaches their delete. The result is then compared with the table of customers, page by page, and applied where it is
 * not older, so it undoes nothing that the stage applies meanwhile. If the changes show that a customer was deleted and
 * created again, but the stored row is older than the delete by the bank's clock, everything else that is stored about
 * the customer is erased, too.
 */
public final class CustomerTopicReplay {

    private static final String TABLE = "customer_reread";
    private static final String TRUNCATIONS = "customer_reread_truncation";

    /** Shorter than Postgres' deadlock timeout, so that a deadlock never aborts the stage's transaction. */
    private static final String LOCK_TIMEOUT = "set local lock_timeout = '500ms'";

    private final Pool postgres;
    private final SqlConnection connection;
    private final ChangeCodec codec;
    private final SchemaCache schemas;
    private final CustomerRows staged;
    private final CustomerRows rows;
    private final List<CustomerErasure> erasures;

    CustomerTopicReplay(Pool postgres, SqlConnection connection, ChangeCodec codec, SchemaCache schemas,
            CustomerRows rows, List<CustomerErasure> erasures) {
        this.postgres = postgres;
        this.connection = connection;
        this.codec = codec;
        this.schemas = schemas;
        this.rows = rows;
        this.erasures = erasures;
        staged = CustomerRows.temporary(postgres, TABLE, TRUNCATIONS);
    }

    Uni<CustomerTopicReplay> open() {
        return drop()
                .chain(() -> connection.query("create temp table " + TABLE
                        + " (like customer including defaults including indexes)").execute())
                .chain(() -> connection.query("create temp table " + TRUNCATIONS
                        + " (like customer_truncation including defaults including indexes)").execute())
                .replaceWith(this);
    }

    private Uni<Void> drop() {
        return connection.query("drop table if exists pg_temp." + TABLE + ", pg_temp." + TRUNCATIONS).execute()
                .replaceWithVoid();
    }

    /**
     * Adds records to the temporary table. Repeatable.
     *
     * @return how many could not be read: the stage has sent them to the dead-letter topic
     */
    public Uni<Integer> add(List<ConsumerRecord<byte[], byte[]>> records, TopicReader reader) {
        var needed = new RecordDecoder.SchemaIds();
        records.forEach(record -> codec.addSchemaIds(needed, record.key(), record.value()));
        return schemas.decoder(needed).chain(decoder -> {
            var plan = new ChangePlan(staged, List.of());
            int unreadable = 0;
            for (var record : records) {
                try {
                    plan.add(codec.read(decoder, record.key(), record.value(), reader.position(record)));
                } catch (RuntimeException e) {
                    // Any failure, as in the stage, which has skipped the record too
                    unreadable++;
                }
            }
            return plan.run(connection).replaceWith(unreadable);
        });
    }

    /** The number of customers in the temporary table, deleted ones included. */
    public Uni<Long> customers() {
        return connection.query("select count(*) from " + TABLE).execute()
                .map(found -> found.iterator().next().getLong(0));
    }

    /** Applies the truncate of the bank's table, if the topic has one; to be called before {@link #apply}. */
    public Uni<Void> applyTruncate() {
        return connection.query("select lsn, source_ts_ms, topic_id, topic_partition, topic_offset from " + TRUNCATIONS)
                .execute().chain(found -> {
                    if (found.size() == 0) {
                        return Uni.createFrom().voidItem();
                    }
                    var plan = new ChangePlan(rows, erasures);
                    plan.add(new CustomerChange.Truncated(order(found.iterator().next(), 0)));
                    return run(plan, Map.of());
                });
    }

    /**
     * The result for a page of customers.
     *
     * @param compared customers on the page; 0: there are no more
     * @param last the id of the last one
     * @param repaired customers who differed in the table of customers
     */
    public record Page(int compared, String last, int repaired) {
    }

    /** Compares and repairs a page. Repeatable. @param after the last id of the previous page, or the empty text */
    public Uni<Page> apply(String after, int limit) {
        return connection.preparedQuery("""
                select customer_id, numeric_id, case when differs then attributes::text end, lsn, source_ts_ms,
                    topic_id, topic_partition, topic_offset, differs, erased_at, missing_attributes, row_key
                from (
                    select r.*, case when c.customer_id is null then r.attributes is not null
                        else (case when r.missing_attributes is null then r.attributes
                            else with_missing_attributes(r.attributes, r.missing_attributes, c.attributes) end)::text
                                is distinct from c.attributes::text
                            and not change_is_older(
                                r.lsn, r.source_ts_ms, r.topic_id, r.topic_partition, r.topic_offset,
                                c.lsn, c.source_ts_ms, c.topic_id, c.topic_partition, c.topic_offset)
                            or r.attributes is not null and c.attributes is not null and r.source_ts_ms is not null
                            and coalesce(r.erased_at, '-infinity') > coalesce(c.erased_at, '-infinity') end as differs
                    from (select * from %s where customer_id > $1 order by customer_id limit $2) r
                    left join customer c on c.customer_id = r.customer_id
                ) compared
                order by customer_id
                """.formatted(TABLE)).execute(Tuple.of(after, limit)).chain(found -> {
            var plan = new ChangePlan(rows, erasures);
            var erasedAt = new TreeMap<String, OffsetDateTime>();
            String last = after;
            for (Row row : found) {
                last = row.getString(0);
                if (row.getBoolean(8)) {
                    plan.add(change(row));
                    if (row.getOffsetDateTime(9) != null) {
                        erasedAt.put(last, row.getOffsetDateTime(9));
                    }
                }
            }
            var page = new Page(found.size(), last, plan.changes());
            return plan.changes() == 0 ? Uni.createFrom().item(page) : run(plan, erasedAt).replaceWith(page);
        });
    }

    private Uni<Void> run(ChangePlan plan, Map<String, OffsetDateTime> erasedAt) {
        return postgres.withTransaction(transaction -> transaction.query(LOCK_TIMEOUT).execute()
                .chain(() -> rows.erasedSince(transaction, erasedAt))
                // Rows first, as in the stage: locking in another order could deadlock
                .chain(erased -> plan.run(transaction).chain(() -> plan.erase(transaction, erased)))
                .chain(() -> rows.erasedAt(transaction, erasedAt)));
    }

    private static CustomerChange change(Row row) {
        var id = new Id(row.getString(0), row.getBoolean(1));
        ChangeOrder order = order(row, 3);
        String attributes = row.getString(2);
        return attributes == null
                ? new CustomerChange.Deleted(id, order)
                : new CustomerChange.Stored(new Customer(id, attributes(attributes)), order, false, missing(row),
                        row.getString(11));
    }

    private static List<String> missing(Row row) {
        String[] missing = row.getArrayOfStrings(10);
        return missing == null ? List.of() : List.of(missing);
    }

    private static Attributes attributes(String json) {
        return JsonReader.object(JsonReader.utf8(json));
    }

    private static ChangeOrder order(Row row, int column) {
        return new ChangeOrder(row.getLong(column), row.getLong(column + 1), new RecordPosition(row.getUUID(column + 2),
                row.getInteger(column + 3), row.getLong(column + 4)));
    }

    public Uni<Void> close() {
        return drop().onFailure().recoverWithNull().chain(connection::close);
    }
}
