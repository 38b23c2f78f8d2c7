package io.nextbestoffer.decision;

import java.util.Collection;

import io.nextbestoffer.stream.Position;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Keeps decisions for look-up. */
public interface DecisionStore {

    /**
     * @param json the record as it goes out, in UTF-8
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     */
    record Decided(Position position, long recordTime, Decision decision, byte[] json) {
    }

    /** Keeps the latest of each customer, within the transaction that owns the partitions. Repeatable. */
    Uni<Void> save(SqlConnection transaction, Collection<Decided> decided);
}
