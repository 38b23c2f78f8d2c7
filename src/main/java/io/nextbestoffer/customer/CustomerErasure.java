package io.nextbestoffer.customer;

import java.util.List;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;

/** Implemented by every feature that stores data of customers: the bank has deleted them, and so must we. */
public interface CustomerErasure {

    /**
     * Within the transaction that deletes the profiles. Implementations run in the order of their
     * {@code @Priority}, which is the order in which the deciding transaction locks: so neither waits for the other.
     *
     * @param customers ids as text
     */
    Uni<Void> erase(SqlConnection transaction, List<String> customers);
}
