package io.nextbestoffer.customer;

import java.util.List;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Erases what a feature stores about customers whom the bank has deleted. Every such feature implements it. */
public interface CustomerErasure {

    /**
     * Runs within the transaction that deletes the profiles. Implementations run in the order of their
     * {@code @Priority}, so that all such transactions lock the tables in the same order.
     *
     * @param customers ids as text
     */
    Uni<Void> erase(SqlConnection transaction, List<String> customers);
}
