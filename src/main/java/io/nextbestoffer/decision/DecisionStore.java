package io.nextbestoffer.decision;

import java.util.Collection;
import java.util.function.Function;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.strategy.Inputs;
import io.nextbestoffer.stream.Position;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Keeps decisions for look-up. */
public interface DecisionStore {

    /**
     * What is left of a decision once it is on its way.
     *
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param customer his id
     * @param json the record as it goes out, in UTF-8
     */
    record Decided(Position position, long recordTime, String customer, Id offer, byte[] json, Inputs inputs) {
    }

    /**
     * Keeps the latest of each customer. Repeatable.
     *
     * @return writes them, within the transaction that owns the partitions; all else is done before
     */
    Function<SqlConnection, Uni<Void>> save(Collection<Decided> decided);
}
