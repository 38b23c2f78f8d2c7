package io.nextbestoffer.history;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import org.jspecify.annotations.Nullable;

import io.nextbestoffer.customer.CustomerErasure;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;

/**
 * The table of past decisions. A decision is stored about a second after it was sent to Kafka, and stays for
 * {@code nbo.traces.retention} or until its customer is erased. A decision that is repeated after an offset reset has
 * the same id; if both were made on the same day, only the later one is kept.
 */
@ApplicationScoped
@Priority(30) // before latest offers, so that these are not locked while this waits: see CustomerErasure
public class DecisionLog implements CustomerErasure {

    /** Timeout for a look-up. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Timeout for one page of all decisions. */
    private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(30);

    private static final String QUERY_CANCELED = "57014";

    private static final int ERASURE_CHUNK = 1_000;

    private static final String COLUMNS = """
            select decision_id, customer_id, decided_at, strategy, strategy_version, offer_id, decision,\s""";

    private static final String SELECT = COLUMNS + "inputs from decision_trace ";

    private final Pool postgres;
    private final Clock clock;
    private final Duration pageTimeout;

    @Inject
    DecisionLog(Pool postgres, Clock clock) {
        this(postgres, clock, PAGE_TIMEOUT);
    }

    /** @param pageTimeout timeout for one page of all decisions */
    DecisionLog(Pool postgres, Clock clock, Duration pageTimeout) {
        this.postgres = postgres;
        this.clock = clock;
        this.pageTimeout = pageTimeout;
    }

    /**
     * Returns a decision; null if it is not stored yet, or no longer stored.
     *
     * @return a Uni that fails with a {@link TimeoutException} after 5 s
     */
    public Uni<@Nullable LoggedDecision> find(UUID decisionId) {
        return postgres.preparedQuery(SELECT + "where decision_id = $1 order by decided_at desc limit 1")
                .execute(Tuple.of(decisionId))
                .map(rows -> rows.size() == 0 ? null : decision(rows.iterator().next()))
                .ifNoItem().after(TIMEOUT).fail();
    }

    /**
     * Returns decisions for a customer, the newest first, without their inputs.
     *
     * @param customer the customer's id as text
     * @return a Uni that fails with a {@link TimeoutException} after 5 s
     */
    Uni<List<LoggedDecision>> ofCustomer(String customer, LoggedDecision.LogCursor before, int limit) {
        return postgres.preparedQuery(COLUMNS + """
                null from decision_trace
                where customer_id = $1 and (decided_at, decision_id) < ($2, $3)
                order by decided_at desc, decision_id desc limit $4
                """)
                .execute(Tuple.of(customer, time(before.decidedAt()), before.decisionId(), limit))
                .map(DecisionLog::decisions)
                .ifNoItem().after(TIMEOUT).fail();
    }

    /** Returns the position before the decisions of the last days, for {@link #after}. */
    public LoggedDecision.LogCursor since(int days) {
        return LoggedDecision.LogCursor.at(clock.instant().minus(Duration.ofDays(days)));
    }

    /**
     * Returns a page of all decisions, the earliest first; fewer than the limit if there are no more now.
     *
     * @param cursor the position of the last decision of the previous page
     * @return a Uni that fails with a {@link TimeoutException} after 30 s
     */
    public Uni<List<LoggedDecision>> after(LoggedDecision.LogCursor cursor, int limit) {
        // Shorter, so that the statement does not occupy its connection after its caller has given up
        Duration statementTimeout = pageTimeout.multipliedBy(5).dividedBy(6);
        return postgres.withTransaction(transaction -> transaction
                .query("set local statement_timeout = " + statementTimeout.toMillis()).execute()
                .chain(() -> transaction.preparedQuery(SELECT + """
                        where day >= ($1::timestamptz at time zone 'UTC')::date and (decided_at, decision_id) > ($1, $2)
                        order by decided_at, decision_id limit $3
                        """)
                        .execute(Tuple.of(time(cursor.decidedAt()), cursor.decisionId(), limit))))
                .map(DecisionLog::decisions)
                .onFailure(DecisionLog::isCancelled).transform(failure -> new TimeoutException())
                .ifNoItem().after(pageTimeout).fail();
    }

    private static boolean isCancelled(Throwable failure) {
        return failure instanceof PgException refused && QUERY_CANCELED.equals(refused.getSqlState());
    }

    /**
     * Stores the decisions whose customers are known now. Repeatable; of a repeated decision, the later one stays.
     *
     * @param logged decisions with distinct ids per day; the table partitions of their days exist
     */
    Uni<Void> save(Collection<LoggedDecision> logged) {
        if (logged.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        int n = logged.size();
        var ids = new UUID[n];
        var customers = new String[n];
        var times = new OffsetDateTime[n];
        var strategies = new String[n];
        var versions = new Integer[n];
        var offers = new String[n];
        var decisions = new String[n];
        var inputs = new String[n];
        int i = 0;
        for (LoggedDecision one : logged) {
            ids[i] = one.decisionId();
            customers[i] = one.customer();
            times[i] = time(one.decidedAt());
            strategies[i] = one.strategy();
            versions[i] = one.strategyVersion();
            offers[i] = one.offer();
            decisions[i] = one.decision();
            inputs[i++] = one.inputs();
        }
        // Locks rows in the order of the ids, so that no two statements deadlock
        return postgres.preparedQuery("""
                insert into decision_trace as t (day, decision_id, customer_id, decided_at, strategy, strategy_version,
                    offer_id, decision, inputs)
                select (n.decided_at at time zone 'UTC')::date, n.id, n.customer, n.decided_at, n.strategy, n.version,
                    n.offer, n.decision, n.inputs
                from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::int[], $6::text[], $7::text[],
                    $8::text[]) as n (id, customer, decided_at, strategy, version, offer, decision, inputs)
                join customer c on c.customer_id = n.customer and c.attributes is not null
                order by n.id
                on conflict (decision_id, day) do update
                set customer_id = excluded.customer_id, decided_at = excluded.decided_at,
                    strategy = excluded.strategy, strategy_version = excluded.strategy_version,
                    offer_id = excluded.offer_id, decision = excluded.decision, inputs = excluded.inputs
                where t.decided_at < excluded.decided_at
                """)
                .execute(Tuple.tuple().addArrayOfUUID(ids).addArrayOfString(customers).addArrayOfOffsetDateTime(times)
                        .addArrayOfString(strategies).addArrayOfInteger(versions).addArrayOfString(offers)
                        .addArrayOfString(decisions).addArrayOfString(inputs))
                .replaceWithVoid();
    }

    /**
     * Deletes the decisions of customers. The table lock waits for statements that store decisions now, and makes later
     * ones wait. So every statement that read the customer before the delete has ended by then, and later statements do
     * not find the customer.
     */
    @Override
    public Uni<Void> erase(SqlConnection transaction, List<String> customers) {
        return delete(transaction, "delete from decision_trace where customer_id = any($1)", customers);
    }

    private static Uni<Void> delete(SqlConnection transaction, String statement, List<String> customers) {
        return transaction.query("lock table decision_trace in share row exclusive mode").execute()
                .chain(() -> transaction.preparedQuery(statement)
                        .execute(Tuple.tuple().addArrayOfString(customers.toArray(String[]::new))))
                .replaceWithVoid();
    }

    /**
     * Erases decisions of customers who are deleted already. During a rolling upgrade, replicas of a release without
     * decision log delete customers but leave their decisions.
     *
     * @return how many customers had decisions
     */
    Uni<Integer> eraseDeleted() {
        return deletedWithDecisions().chain(customers -> customers.isEmpty()
                ? Uni.createFrom().item(0)
                // A customer who has come back meanwhile keeps the decisions made since
                : postgres.withTransaction(transaction -> delete(transaction, """
                        delete from decision_trace t using customer c
                        where c.customer_id = any($1) and c.attributes is null and t.customer_id = c.customer_id
                        """, customers))
                        .chain(this::eraseDeleted).map(more -> customers.size() + more));
    }

    /** Returns some deleted customers that still have decisions. It takes no lock, because such customers are rare. */
    private Uni<List<String>> deletedWithDecisions() {
        // The inner limit makes Postgres scan the deleted customers rather than all decisions
        return postgres.preparedQuery("""
                select c.customer_id
                from customer c cross join lateral (
                    select from decision_trace t where t.customer_id = c.customer_id limit 1) logged
                where c.attributes is null
                limit $1
                """)
                .execute(Tuple.of(ERASURE_CHUNK))
                .map(rows -> {
                    var customers = new ArrayList<String>();
                    rows.forEach(row -> customers.add(row.getString(0)));
                    return customers;
                });
    }

    private static List<LoggedDecision> decisions(Iterable<Row> rows) {
        var decisions = new ArrayList<LoggedDecision>();
        rows.forEach(row -> decisions.add(decision(row)));
        return decisions;
    }

    private static LoggedDecision decision(Row row) {
        return new LoggedDecision(row.getUUID(0), row.getString(1), row.getOffsetDateTime(2).toInstant(),
                row.getString(3), row.getInteger(4), row.getString(5), row.getString(6), row.getString(7));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
