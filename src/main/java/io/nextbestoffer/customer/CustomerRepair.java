package io.nextbestoffer.customer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.attribute.JsonReader;
import io.nextbestoffer.attribute.JsonWriter;
import io.nextbestoffer.kafka.avro.SchemaCache;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.nextbestoffer.kafka.topic.TopicConfig;
import io.quarkus.arc.All;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/** What operators need when table and topic of customers are not what the bank has. */
@ApplicationScoped
public class CustomerRepair {

    /** The table is read whole, which no other statement does: see the connection's settings. */
    private static final String WHOLE_TABLE = """
            set local enable_seqscan = on; set local statement_timeout = '60s'""";

    private static final String MISSING = """
            attributes is not null and case when $1::bigint is null
                then coalesce(source_time(source_ts_ms), changed_at) < source_time($2::bigint)
                else lsn < $1 and source_ts_ms < $2 end""";

    private final Pool postgres;
    private final CustomerRows rows;
    private final List<CustomerErasure> erasures;
    private final Customers customers;
    private final ChangeCodec codec;
    private final SchemaCache schemas;
    private final String idAttribute;
    private final String topic;

    CustomerRepair(Pool postgres, CustomerRows rows, @All List<CustomerErasure> erasures, Customers customers,
            ChangeCodec codec, CustomerConfig config, TopicConfig topics, SchemaCache schemas) {
        this.schemas = schemas;
        this.postgres = postgres;
        this.rows = rows;
        this.erasures = erasures;
        this.customers = customers;
        this.codec = codec;
        idAttribute = config.idAttribute();
        topic = topics.customers();
    }

    /** Takes a connection until it is closed. */
    public Uni<CustomerTopicReplay> reread() {
        return postgres.getConnection().chain(connection -> {
            var rereading = new CustomerTopicReplay(postgres, connection, codec, schemas, rows, erasures);
            return rereading.open().onFailure().call(connection::close);
        });
    }

    /** Drops what this replica holds of customers in memory: the table was changed behind it. */
    public void forgetCached() {
        customers.gap();
    }

    /**
     * Since when there must have been a change of everybody who is in the bank.
     *
     * @param lsn of the last snapshot: only who is below it, and before its time, was not in it. Null: only time tells
     * @param time milliseconds of the Unix epoch
     */
    public record Since(@Nullable Long lsn, long time) {

        public static Since time(Instant time) {
            return new Since(null, time.toEpochMilli());
        }
    }

    /** The last snapshot that Debezium completed, as far as was seen; null if none. */
    public Uni<@Nullable Since> lastSnapshot() {
        return postgres.query("select lsn, source_ts_ms from customer_snapshot").execute()
                .map(found -> found.size() == 0 ? null : since(found.iterator().next()));
    }

    private static Since since(Row row) {
        return new Since(row.getLong(0), row.getLong(1));
    }

    /**
     * Who is known here, but had no change since.
     *
     * @param fingerprint of their ids: another set has another one
     * @param withoutLsn of the missing: nothing but the position tells what is later than their delete
     */
    public record Missing(long known, long missing, String fingerprint, long withoutLsn) {
    }

    public Uni<Missing> missing(Since since) {
        return postgres.withTransaction(transaction -> transaction.query(WHOLE_TABLE).execute()
                .chain(() -> transaction.preparedQuery("""
                        select count(*) filter (where attributes is not null), count(*) filter (where %1$s),
                            coalesce(sum(hashtextextended(customer_id, 0)) filter (where %1$s), 0)::text,
                            count(*) filter (where %1$s and lsn is null)
                        from customer
                        """.formatted(MISSING)).execute(Tuple.of(since.lsn(), since.time()))))
                .map(found -> {
                    Row row = found.iterator().next();
                    return new Missing(row.getLong(0), row.getLong(1), row.getString(2), row.getLong(3));
                });
    }

    /**
     * One of them.
     *
     * @param last where his last change stands
     */
    public record One(Id id, @Nullable Long lsn, @Nullable Long sourceTime, RecordPosition last) {
    }

    /** @param after the last id of the page before, or the empty text; ids are ordered as text */
    public Uni<List<One>> missing(Since since, String after, int limit) {
        return postgres.withTransaction(transaction -> transaction.query(WHOLE_TABLE).execute()
                .chain(() -> transaction.preparedQuery("""
                        select customer_id, numeric_id, lsn, source_ts_ms, topic_id, topic_partition, topic_offset
                        from customer where %s and customer_id > $3 order by customer_id limit $4
                        """.formatted(MISSING)).execute(Tuple.of(since.lsn(), since.time(), after, limit))))
                .map(found -> {
                    List<One> page = new ArrayList<>();
                    found.forEach(row -> page.add(new One(new Id(row.getString(0), row.getBoolean(1)), row.getLong(2),
                            row.getLong(3),
                            new RecordPosition(row.getUUID(4), row.getInteger(5), row.getLong(6)))));
                    return page;
                });
    }

    /**
     * The change that deletes him, as Debezium would have written it. It has the order of his last change: so it takes
     * effect on that one, and on none that came meanwhile.
     *
     * @param key of his last change, so that compaction drops that one; null if it is not there any more
     * @param topicId of the topic as it is now
     */
    public ProducerRecord<byte[], byte[]> deletion(One one, byte @Nullable [] key, UUID topicId) {
        byte[] value = JsonWriter.utf8(json -> {
            json.writeStartObject();
            json.writeStringField("op", "d");
            json.writeObjectFieldStart("before");
            json.writeFieldName(idAttribute);
            one.id().writeTo(json);
            json.writeEndObject();
            json.writeNullField("after");
            json.writeObjectFieldStart("source");
            json.writeStringField("connector", "next-best-offer");
            if (one.lsn() != null) {
                json.writeNumberField("lsn", one.lsn());
            }
            if (one.sourceTime() != null) {
                json.writeNumberField("ts_ms", one.sourceTime());
            }
            json.writeEndObject();
            json.writeEndObject();
        });
        // Without LSN the position tells what is later, within his partition
        Integer partition = one.last().topicId().equals(topicId) ? Integer.valueOf(one.last().partition()) : null;
        return new ProducerRecord<>(topic, partition, key == null ? JsonReader.utf8(one.id().text()) : key, value,
                new RecordHeaders());
    }
}
