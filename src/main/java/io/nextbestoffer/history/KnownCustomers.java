package io.nextbestoffer.history;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Selects the decisions of customers who are known. It remembers for some minutes that a customer was known, and asks
 * only who was deleted since: a query for each customer of each decision would cost more than to store the decisions.
 */
final class KnownCustomers {

    private static final int MAX_REMEMBERED = 200_000;

    /** With more changes than this and the number of customers, it is cheaper to look up the customers. */
    private static final int MIN_CHANGES = 1_000;

    /** Shorter than the least time for which a deleted customer stays marked, which is purged every hour. */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    /** Covers every delete since a customer was remembered: changed_at is when the deleting transaction began. */
    private static final Duration DELETED_SINCE = REMEMBERED.multipliedBy(3);

    private final Cache<String, Boolean> remembered = Caffeine.newBuilder().maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(REMEMBERED).build();
    private volatile @Nullable String truncation;

    /**
     * What has changed about customers.
     *
     * @param deleted those who were deleted lately
     * @param returned when those who came back were deleted
     * @param complete false if there are too many changes to read them all
     */
    private record Changes(Set<String> deleted, Map<String, Instant> returned, boolean complete) {
    }

    /** Returns the decisions that may be stored. Nobody may erase customers until the transaction ends. */
    Uni<List<LoggedDecision>> ofKnown(SqlConnection transaction, Collection<LoggedDecision> logged) {
        var customers = new HashSet<String>(logged.size() * 2);
        Instant earliest = Instant.MAX;
        for (LoggedDecision decision : logged) {
            customers.add(decision.customer());
            earliest = decision.decidedAt().isBefore(earliest) ? decision.decidedAt() : earliest;
        }
        return changes(transaction, customers, earliest).chain(changes -> {
            Set<String> uncertain = changes.complete() ? uncertain(customers, changes) : customers;
            return lookUp(transaction, uncertain).map(known -> logged.stream().filter(decision -> {
                String customer = decision.customer();
                Instant erasedAt = uncertain.contains(customer)
                        ? known.get(customer)
                        : changes.returned().getOrDefault(customer, Instant.MIN);
                return erasedAt != null && !changes.deleted().contains(customer)
                        && erasedAt.isBefore(decision.decidedAt());
            }).toList());
        });
    }

    private Set<String> uncertain(Set<String> customers, Changes changes) {
        var uncertain = new HashSet<String>();
        for (String customer : customers) {
            if (remembered.getIfPresent(customer) == null && !changes.deleted().contains(customer)) {
                uncertain.add(customer);
            }
        }
        return uncertain;
    }

    private Uni<Changes> changes(SqlConnection transaction, Set<String> customers, Instant earliest) {
        // "materialized" because the planner would rather look up each customer. It does so if there are more changes
        return transaction.preparedQuery("""
                with deleted as materialized (
                    select customer_id from customer
                    where attributes is null and changed_at > now() - $3::bigint * interval '1 second'
                    limit $4
                ), returned as materialized (
                    select customer_id, erased_at from customer
                    where attributes is not null and erased_at is not null and erased_at >= $2
                    limit $4
                )
                select 'deleted', customer_id, null::timestamptz from deleted where customer_id = any($1)
                union all
                select 'returned', customer_id, erased_at from returned where customer_id = any($1)
                union all
                select 'truncation', t::text, null from customer_truncation t
                union all
                select 'incomplete', null, null
                where $4 in ((select count(*) from deleted), (select count(*) from returned))
                """)
                .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new))
                        .addOffsetDateTime(DecisionBlocks.time(earliest)).addLong(DELETED_SINCE.toSeconds())
                        .addLong((long) MIN_CHANGES + customers.size()))
                .map(this::changes);
    }

    private Changes changes(Iterable<Row> rows) {
        var deleted = new HashSet<String>();
        var returned = new HashMap<String, Instant>();
        String truncated = null;
        boolean complete = true;
        for (Row row : rows) {
            switch (row.getString(0)) {
                case "deleted" -> deleted.add(row.getString(1));
                case "returned" -> returned.put(row.getString(1), row.getOffsetDateTime(2).toInstant());
                case "truncation" -> truncated = row.getString(1);
                default -> complete = false;
            }
        }
        if (!Objects.equals(truncation, truncated)) {
            // A truncate leaves no markers
            remembered.invalidateAll();
            truncation = truncated;
        }
        remembered.invalidateAll(deleted);
        return new Changes(deleted, returned, complete);
    }

    /** Returns those of the customers who are known, with the time of their last delete. */
    private Uni<Map<String, Instant>> lookUp(SqlConnection transaction, Set<String> customers) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return transaction.preparedQuery("""
                select customer_id, erased_at from customer where customer_id = any($1) and attributes is not null
                """)
                .execute(Tuple.tuple().addArrayOfString(customers.stream().sorted().toArray(String[]::new)))
                .map(rows -> {
                    var known = new HashMap<String, Instant>();
                    for (Row row : rows) {
                        OffsetDateTime erasedAt = row.getOffsetDateTime(1);
                        known.put(row.getString(0), erasedAt == null ? Instant.MIN : erasedAt.toInstant());
                        remembered.put(row.getString(0), true);
                    }
                    return known;
                });
    }

    /** Makes the next statement ask for these customers again. */
    void forget(Collection<String> customers) {
        remembered.invalidateAll(customers);
    }
}
