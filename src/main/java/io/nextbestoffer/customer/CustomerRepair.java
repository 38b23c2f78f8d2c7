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

/** Repairs the table of customers when it or the topic differs from the bank's table. */
@ApplicationScoped
public class CustomerRepair {

    /** Settings for statements that read the whole table, which the connection's settings discourage. */
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

    /** Starts a replay of the topic, which occupies a connection until it is closed. */
    public Uni<CustomerTopicReplay> reread() {
        return postgres.getConnection().chain(connection -> {
            var replay = new CustomerTopicReplay(postgres, connection, codec, schemas, rows, erasures);
            return replay.open().onFailure().call(connection::close);
        });
    }

    /** Clears this replica's cache of customers, after the table was changed directly. */
    public void forgetCached() {
        customers.gap();
    }

    /**
     * The point since which every customer of the bank must have had a change.
     *
     * @param lsn the LSN of the last snapshot: customers whose last change has a smaller LSN and an earlier time were
     *     not in it; null if only the time is compared
     * @param time milliseconds of the Unix epoch
     */
    public record Since(@Nullable Long lsn, long time) {

        public static Since time(Instant time) {
            return new Since(null, time.toEpochMilli());
        }
    }

    /** The last snapshot that Debezium completed and the service has read; null if none. */
    public Uni<@Nullable Since> lastSnapshot() {
        return postgres.query("select lsn, source_ts_ms from customer_snapshot").execute()
                .map(found -> found.size() == 0 ? null : since(found.iterator().next()));
    }

    private static Since since(Row row) {
        return new Since(row.getLong(0), row.getLong(1));
    }

    /**
     * Counts of the customers who had no change since a point.
     *
     * @param known all customers in the table
     * @param fingerprint a hash of the ids of the missing customers, to detect that the set has changed
     * @param withoutLsn missing customers without LSN: only positions order their changes
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
     * A customer who had no change since a point.
     *
     * @param last the position of their last change
     */
    public record MissingCustomer(Id id, @Nullable Long lsn, @Nullable Long sourceTime, RecordPosition last) {
    }

    /** @param after the last id of the previous page, or the empty text; ids are ordered as text */
    public Uni<List<MissingCustomer>> missing(Since since, String after, int limit) {
        return postgres.withTransaction(transaction -> transaction.query(WHOLE_TABLE).execute()
                .chain(() -> transaction.preparedQuery("""
                        select customer_id, numeric_id, lsn, source_ts_ms, topic_id, topic_partition, topic_offset
                        from customer where %s and customer_id > $3 order by customer_id limit $4
                        """.formatted(MISSING)).execute(Tuple.of(since.lsn(), since.time(), after, limit))))
                .map(found -> {
                    List<MissingCustomer> page = new ArrayList<>();
                    found.forEach(row -> page
                            .add(new MissingCustomer(new Id(row.getString(0), row.getBoolean(1)), row.getLong(2),
                                    row.getLong(3),
                                    new RecordPosition(row.getUUID(4), row.getInteger(5), row.getLong(6)))));
                    return page;
                });
    }

    /**
     * The change that deletes the customer, as Debezium would have written it. It has the order of their last change,
     * so it deletes that state and no newer one.
     *
     * @param key the key of the customer's last change, so that compaction removes that record; null if it is gone
     * @param topicId the id of the current topic
     */
    public ProducerRecord<byte[], byte[]> deletion(MissingCustomer customer, byte @Nullable [] key, UUID topicId) {
        byte[] value = JsonWriter.utf8(json -> {
            json.writeStartObject();
            json.writeStringField("op", "d");
            json.writeObjectFieldStart("before");
            json.writeFieldName(idAttribute);
            customer.id().writeTo(json);
            json.writeEndObject();
            json.writeNullField("after");
            json.writeObjectFieldStart("source");
            json.writeStringField("connector", "next-best-offer");
            if (customer.lsn() != null) {
                json.writeNumberField("lsn", customer.lsn());
            }
            if (customer.sourceTime() != null) {
                json.writeNumberField("ts_ms", customer.sourceTime());
            }
            json.writeEndObject();
            json.writeEndObject();
        });
        // Without LSN, positions within the customer's partition decide which change is later
        Integer partition = customer.last().topicId().equals(topicId)
                ? Integer.valueOf(customer.last().partition())
                : null;
        return new ProducerRecord<>(topic, partition, key == null ? JsonReader.utf8(customer.id().text()) : key, value,
                new RecordHeaders());
    }
}
