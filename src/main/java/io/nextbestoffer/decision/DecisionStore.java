package io.nextbestoffer.decision;

import java.util.Collection;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.kafka.fencing.FencingClaims;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Keeps decisions for look-up. */
public interface DecisionStore {

    /**
     * What is left of a decision once it is on its way.
     *
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param customer his id
     * @param strategy its name
     * @param json the record as it goes out, in UTF-8
     * @param inputs JSON of what it was decided from, in UTF-8; null if the record has it all
     */
    record Decided(RecordPosition position, long recordTime, String customer, String strategy, Id offer, byte[] json,
            byte @Nullable [] inputs) {
    }

    /** Decisions that are ready to be written. */
    interface Write {

        /** There is nothing to write, so Postgres is not asked. */
        Write NOTHING = new Write() {

            @Override
            public Uni<Boolean> alone(Pool postgres, FencingClaims claims) {
                return Uni.createFrom().item(true);
            }

            @Override
            public Uni<Void> within(SqlConnection transaction) {
                return Uni.createFrom().voidItem();
            }
        };

        /**
         * In one statement that is a transaction of its own and holds the claims.
         *
         * @return whether all is written; else {@link #within} has to
         */
        Uni<Boolean> alone(Pool postgres, FencingClaims claims);

        /** Within a transaction that holds the claims. */
        Uni<Void> within(SqlConnection transaction);
    }

    /** Keeps the latest of each customer. Repeatable. */
    Write save(Collection<Decided> decided);
}
