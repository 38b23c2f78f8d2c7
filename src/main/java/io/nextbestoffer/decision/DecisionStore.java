package io.nextbestoffer.decision;

import java.util.Collection;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.attribute.Id;
import io.nextbestoffer.kafka.fencing.FencingClaims;
import io.nextbestoffer.kafka.topic.RecordPosition;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Stores decisions for look-ups. */
public interface DecisionStore {

    /**
     * A decision to store.
     *
     * @param recordTime Kafka's timestamp of the activity, in milliseconds of the Unix epoch
     * @param customer the customer's id as text
     * @param strategy the strategy's name
     * @param json the offer record, in UTF-8
     * @param inputs JSON of the inputs of the decision, in UTF-8; null if the offer record contains them all
     */
    record Decided(RecordPosition position, long recordTime, String customer, String strategy, Id offer, byte[] json,
            byte @Nullable [] inputs) {
    }

    /** A prepared write of decisions. */
    interface Write {

        /** Writes nothing, without a round trip to Postgres. */
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
         * Writes with one statement, which is its own transaction and holds the claims.
         *
         * @return whether everything is written; otherwise {@link #within} has to be called
         */
        Uni<Boolean> alone(Pool postgres, FencingClaims claims);

        /** Writes within a transaction that holds the claims. */
        Uni<Void> within(SqlConnection transaction);
    }

    /** Prepares to store the latest decision of each customer. Repeatable. */
    Write save(Collection<Decided> decided);
}
